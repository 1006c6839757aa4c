/** Run by Bun: one build of one function, as its argument says. */
import path from 'node:path'
import otel from '../../../dist/plugin/bun.js'

const { entry, outfile, format, otel: options } = JSON.parse(process.argv[2])
const { success, logs } = await Bun.build({
  entrypoints: [entry],
  target: 'node',
  format,
  packages: 'external',
  outdir: path.dirname(outfile),
  naming: path.basename(outfile),
  plugins: options ? [otel(options)] : [],
})
for (const log of logs) console.error(String(log))
if (!success) process.exit(1)
