import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

/** @type {import('esbuild').BuildOptions} */
const config = {
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/handler.ts', 'src/stream.ts'],
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  plugins: [otel()],
}

export default config

if (import.meta.main) await build(config)
