import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

await build({
  entryPoints: ['src/orders.ts'],
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'esm',
  outfile: 'dist/orders.mjs',
  // What the exporter requires is CommonJS.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [otel()],
})
