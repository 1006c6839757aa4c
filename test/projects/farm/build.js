/** A process of its own, because Farm ends the one that it fails in: one build, as its argument says. */
import { build } from '@farmfe/core'
import otel from '../../../dist/plugin/farm.js'

const { root, input, outdir, format, persistentCache, options } = JSON.parse(process.argv[2])
const extension = format === 'esm' ? 'mjs' : 'cjs'
await build({
  root,
  configFile: false,
  clearScreen: false,
  plugins: options ? [otel(options)] : [],
  compilation: {
    input,
    output: {
      path: outdir,
      targetEnv: 'node',
      format,
      entryFilename: `[entryName].${extension}`,
      filename: `[resourceName].${extension}`,
    },
    external: ['^[^./]'],
    persistentCache,
    presetEnv: false,
    minify: false,
    sourcemap: false,
  },
})
