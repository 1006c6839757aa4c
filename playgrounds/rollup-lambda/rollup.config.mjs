import { nodeResolve } from '@rollup/plugin-node-resolve'
import esbuild from 'rollup-plugin-esbuild'
import otel from 'unplugin-otel/rollup'

export default {
  input: 'src/invoices.ts',
  output: { file: 'dist/invoices.mjs', format: 'es' },
  plugins: [otel(), nodeResolve(), esbuild({ target: 'node22' })],
}
