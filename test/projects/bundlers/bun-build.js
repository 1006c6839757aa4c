/** Run by Bun: a build, as its argument says, and how often. */
import otel from '../../../dist/plugin/bun.js'

const { entries, outdir, format, extension, minify = false, broken, options, times = 1 } = JSON.parse(process.argv[2])
const outside = {
  name: 'outside',
  setup: (build) => build.onResolve({ filter: /^unplugin-otel\/runtime/ }, ({ path }) => ({ path, external: true })),
}
// Bun names outputs after the files.
const config = {
  entrypoints: Object.values(entries),
  target: 'node',
  format,
  splitting: format === 'esm',
  packages: 'external',
  outdir,
  naming: { entry: `[name].${extension}`, chunk: `[name]-[hash].${extension}` },
  minify,
  plugins: [...(broken ? [outside] : []), ...(options ? [otel(options)] : [])],
}
for (let n = 0; n < times; n++) {
  const { success, logs } = await Bun.build(config)
  for (const log of logs) console.error(String(log))
  if (!success) process.exit(1)
}
