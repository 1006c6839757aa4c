/** What an import cycle sees of a wrapped module before that has run: what it would see of the user's own. */
import { describe, expect, test } from 'vitest'
import { transform } from '../../src/plugin/transform.ts'
import { runEsm, takeCalls } from './bundle.ts'
import { createFacts } from './facts.ts'

describe('an import cycle', () => {
  const files = (source: string, cycle: string, more: Readonly<Record<string, string>> = {}) => ({
    'entry.ts': transform(source, createFacts('entry.ts')).output!.code,
    'cycle.ts': cycle,
    ...more,
  })

  test.each([
    ['a function', 'export function handler(event) { return event + 1 }', 'handler'],
    ['a default function', 'export default function run(event) { return event + 1 }', 'default as handler'],
    ['a default function without a name', 'export default function (event) { return event + 1 }', 'default as handler'],
    ['a specifier', 'export { run as handler }; function run(event) { return event + 1 }', 'handler'],
    [
      'a function that is assigned later',
      'export function handler(event) { return event + 1 }; () => (handler = 1)',
      'handler',
    ],
    ['a re-export', "export { run as handler } from './run'", 'handler'],
    ['an import', "import { run as handler } from './run'; export { handler }", 'handler'],
  ])('reaches %s before its module ran', async (_, source, name) => {
    const code = `import { early } from './cycle'\nexport { early }\n${source}`
    const cycle = `import './run'; import { ${name} } from './entry'\nexport const early = handler(1), kept = { handler }`
    const run = { 'run.ts': 'export const run = (event) => event + 1' }
    const exports = await runEsm(files(`${code}\nexport { kept } from './cycle'`, cycle, run))
    expect(exports).toMatchObject({ early: 2 })
    expect(takeCalls()).toEqual([])
    const handler = (exports['handler'] ?? exports['default']) as (event: number) => number
    expect([handler(1), handler.length, takeCalls().length]).toEqual([2, 1, 1])
    // What was taken in the cycle is traced from now on, too.
    const kept = exports['kept'] as { handler: typeof handler }
    expect([kept.handler(1), takeCalls().length]).toEqual([2, name === 'handler' && source.includes('=> (') ? 0 : 1])
  })

  test.each([
    ['a constant', 'export const handler = (event) => event + 1'],
    ['a variable', 'export let handler = (event) => event + 1'],
    [
      'a variable that is assigned later',
      'export let handler; set((event) => event + 1); function set(next) { handler = next }',
    ],
    ['a specifier of a constant', 'export { run as handler }; const run = (event) => event + 1'],
    ['a default export', 'const run = (event) => event + 1; export default run'],
    ['a default export that is called', 'export default [(event) => event + 1].at(0)'],
  ])('reaches %s as soon as it is there', async (_, source) => {
    const name = source.includes('default') ? 'default as handler' : 'handler'
    const code = `import { call } from './cycle'\n${source}\nexport const early = call()`
    const exports = await runEsm(files(code, `import { ${name} } from './entry'\nexport const call = () => handler(1)`))
    expect([exports['early'], takeCalls().length]).toEqual([2, 1])
  })

  test.each([
    ['a class', 'export class Base { name() { return "base" } }'],
    ['a specifier of a class', 'class Base { name() { return "base" } }; export { Base }'],
    ['a class expression', 'export const Base = class { name() { return "base" } }'],
    ['a re-exported class', "export { Base } from './base'"],
    ['an imported class', "import { Base } from './base'; export { Base }"],
  ])('may extend %s as soon as it is there', async (_, source) => {
    const base = { 'base.ts': 'export class Base { name() { return "base" } }' }
    const cycle = `import { Base } from './entry'\nexport const extend = () => new (class extends Base {})().name()`
    const code = `import { extend } from './cycle'\n${source}\nexport const early = extend()`
    const facts = createFacts('entry.ts', { context: 'als' }, 'cloudflare')
    const members = { ...facts.members!, names: ['Base'] }
    const { code: output } = transform(code, { ...facts, members }).output!
    expect(await runEsm({ 'entry.ts': output, 'cycle.ts': cycle, ...base })).toMatchObject({ early: 'base' })
  })
})
