/** A process of its own, because Farm ends the one that it fails in: watches, as its argument says, until it is ended. */
import { watch } from '@farmfe/core'
import otel from '../../../dist/plugin/farm.js'

// One stream, so that the report is read before the build is known to be over.
process.stderr.write = process.stdout.write.bind(process.stdout)
const { root, input, outdir, options } = JSON.parse(process.argv[2])
await watch({
  root,
  configFile: false,
  clearScreen: false,
  plugins: [otel(options)],
  compilation: {
    input,
    output: {
      path: outdir,
      targetEnv: 'node',
      format: 'esm',
      entryFilename: '[entryName].mjs',
      filename: '[resourceName].mjs',
    },
    persistentCache: false,
    presetEnv: false,
    minify: false,
    sourcemap: false,
  },
})
