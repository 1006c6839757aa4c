import otel from 'unplugin-otel/esbuild'

/** @type {import('esbuild').BuildOptions} */
export default {
  absWorkingDir: import.meta.dirname,
  entryPoints: ['src/handler.ts', 'src/stream.ts'],
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  platform: 'node',
  format: 'esm',
  plugins: [otel()],
}
