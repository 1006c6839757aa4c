/** Run by Bun: one build, as its argument says. */
import otel from '../../../dist/plugin/bun.js'

const { entries, outdir, format, extension, options } = JSON.parse(process.argv[2])
// Bun names outputs after the files.
const { success, logs } = await Bun.build({
  entrypoints: Object.values(entries),
  target: 'node',
  format,
  splitting: format === 'esm',
  packages: 'external',
  outdir,
  naming: { entry: `[name].${extension}`, chunk: `[name]-[hash].${extension}` },
  plugins: options ? [otel(options)] : [],
})
for (const log of logs) console.error(String(log))
if (!success) process.exit(1)
