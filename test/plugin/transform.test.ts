/** What the fixtures cannot show: it depends on the bundler, or on what the module lacks. */
import { expect, test } from 'vitest'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'

test('a module of neither system gets imports where its name says that it is an ES module', () => {
  const code = 'const module = 1 // export'
  const toCode = (path: string) =>
    transform(code, createFacts(path, {}, 'google-cloud-functions')).output!.code.split('\n')[0]
  expect(toCode('src/app.mjs')).toMatch(/^import /)
  expect(toCode('src/app.cjs')).toMatch(/^const \{.* = require\(/)
})

test('a default export that functions assign again is left where Farm would export what it was', () => {
  const code = 'let a = () => 1\nexport const change = () => { a = () => 2 }\nexport { a as default }'
  const why = 'a default export that functions assign again, which Farm does not follow'
  const facts = createFacts('src/app.ts', { defaultAs: 'statement' })
  expect(transform(code, facts)).toMatchObject({ wrapped: [], nearMisses: [{}, { name: 'default', why, line: 3 }] })
  expect(transform(code, createFacts('src/app.ts')).wrapped).toMatchObject([{ name: 'default' }])
})

test.each(['src/app.ts', 'src/app.cjs'])(
  'what an option asks for changes the setup, and otherwise nothing is there: %s',
  (path) => {
    const code = path.endsWith('.ts') ? 'export const handler = () => {}' : 'exports.handler = () => {}'
    const debug = { features: [{ file: 'flush-telemetry', name: 'observeFlushes' }] }
    const emitted = (more: object) => transform(code, createFacts(path, more)).output!.code
    const lines = emitted({}).split('\n')
    const added = emitted(debug)
      .split('\n')
      .filter((line) => !lines.includes(line))
    const names = path.endsWith('.ts') ? 'observeFlushes as __otel_feature0' : 'observeFlushes: __otel_feature0'
    expect(added).toEqual([
      expect.stringContaining(names),
      expect.stringMatching(/^const __otel_s = .* __otel_feature0\(.* __otel_setup\(\{\}, .*__otel_encoding\)\);?$/),
    ])
    expect(added[0]).toContain('unplugin-otel/runtime/features/flush-telemetry')
    expect(emitted({})).not.toContain('feature')
    expect(transform(emitted(debug), createFacts(path, debug)).output).toBeUndefined()
  },
)
