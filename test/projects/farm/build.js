/** A process of its own, because Farm ends the one that it fails in: one build, as its argument says. */
import { build } from '@farmfe/core'
import otel from '../../../dist/plugin/farm.js'

const {
  root,
  input,
  outdir,
  format,
  minify = false,
  broken,
  stripped,
  persistentCache,
  options,
} = JSON.parse(process.argv[2])
const breaking = {
  name: 'breaking',
  // Farm's own have 99 and more, and write the entry anew after a plugin that finalizes before them.
  priority: broken === 'external' ? 200 : 50,
  ...(broken === 'external'
    ? {
        resolve: {
          filters: { sources: ['^unplugin-otel/runtime'], importers: ['.*'] },
          executor: ({ source }) => ({ resolvedPath: source, external: true, sideEffects: false, query: [], meta: {} }),
        },
      }
    : {
        finalizeResources: {
          executor({ resourcesMap }) {
            for (const resource of Object.values(resourcesMap)) resource.bytes = [...Buffer.from(stripped)]
            return resourcesMap
          },
        },
      }),
}
const extension = format === 'esm' ? 'mjs' : 'cjs'
await build({
  root,
  configFile: false,
  clearScreen: false,
  plugins: [...(broken ? [breaking] : []), ...(options ? [otel(options)] : [])],
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
    minify,
    sourcemap: false,
  },
})
