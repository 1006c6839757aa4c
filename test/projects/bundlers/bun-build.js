/** Run by Bun: a build, as its argument says, and how often. */
import otel from '../../../dist/plugin/bun.js'

const { entries, outdir, format, extension, options, times = 1 } = JSON.parse(process.argv[2])
// Bun names outputs after the files.
const config = {
  entrypoints: Object.values(entries),
  target: 'node',
  format,
  splitting: format === 'esm',
  packages: 'external',
  outdir,
  naming: { entry: `[name].${extension}`, chunk: `[name]-[hash].${extension}` },
  plugins: options ? [otel(options)] : [],
}
for (let n = 0; n < times; n++) {
  const { success, logs } = await Bun.build(config)
  for (const log of logs) console.error(String(log))
  if (!success) process.exit(1)
}
