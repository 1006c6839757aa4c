import { expect, test } from 'vitest'
import { findWrittenOptions } from '../../src/cli/explain/options.ts'

test.each<[string, object | undefined, string[]?]>([
  ["import otel from 'unplugin-otel/vite'; export default { plugins: [otel()] }", undefined],
  [
    "import otel from 'unplugin-otel/vite'; otel({ platform: 'netlify' as const, debug: true })",
    { platform: 'netlify', debug: true },
  ],
  [
    "import { otel as o } from 'unplugin-otel/sst'; export default [...o({ 'serviceName': 'a' })]",
    { serviceName: 'a' },
  ],
  [
    "import { withOtel } from 'unplugin-otel/next'; export default withOtel({ strict: 1 }, { strict: true })",
    { strict: true },
  ],
  ["import { withOtel } from 'unplugin-otel/next'; export default withOtel({ strict: 1 })", undefined],
  ["const otel = require('unplugin-otel/rollup'); module.exports = [otel({ ignore: [] }).x]", { ignore: [] }],
  ["const { withOtel: w } = require('unplugin-otel/next'); module.exports = w(a, { debug: false })", { debug: false }],
  ["module.exports = [require('unplugin-otel/esbuild')({ flush: { budgetMs: 5 } })]", { flush: { budgetMs: 5 } }],
  ["import otel from 'unplugin-otel/vite'; otel(options)", {}, ['…']],
  [
    "import otel from 'unplugin-otel/vite'; otel({ ...a, [b]: 1, include: [c], flush: { mode }, exclude: ['d'] })",
    { exclude: ['d'] },
    ['…', '…', 'include', 'flush'],
  ],
  ["import otel from './otel'; otel({ debug: true })", undefined],
  ["export { default } from 'unplugin-otel/sst'", undefined],
  ["import otel from 'unplugin-otel/vite'; otel({ debug: true }", undefined],
])('%s', (text, options, computed = []) => {
  expect(findWrittenOptions('/a/config.ts', text)).toEqual(options && { options, computed })
})

test('what is no code has none', () => {
  expect(findWrittenOptions('/a/serverless.yml', 'plugins: [serverless-esbuild]')).toBeUndefined()
})
