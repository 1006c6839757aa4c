/** What of a CommonJS module is known before it runs: names, where others may come from, whose object it is. */
import { expect, test } from 'vitest'
import { findExports } from '../../src/plugin/handlers.ts'
import { parse } from '../../src/plugin/parse.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'

function read(code: string, path = 'app.js') {
  const { program, comments } = parse(path, code)
  const { values, unnamed, isOwn } = findExports(program, comments, code, {})
  return { names: values.map(({ name }) => name), open: unnamed.length, isOwn }
}

test.each([
  ["module.exports = require('./a')", [], 1, false],
  ["const a = require('./a')\nmodule.exports = a", [], 1, false],
  ["module.exports = { ...require('./a'), b: 1, ...c }", ['b'], 2, true],
  ["__exportStar(require('./a'), exports)\nexports.b = 1", ['b'], 1, true],
  ["tslib_1.__exportStar(require('./a'), exports)", [], 1, true],
  ["__reExport(all, require('./a'), module.exports)", [], 1, true],
  ["Object.assign(exports, require('./a'), { b: 1 })", ['b'], 1, true],
  ['for (const key in a) exports[key] = a[key]', [], 1, true],
  ["require('./a')(module)", [], 1, true],
  ['module.exports = create()', [], 1, false],
  ['const all = {}\n__export(all, { b: () => c })\nmodule.exports = __toCommonJS(all)', ['b'], 0, false],
  ['const b = () => 1\nset(b, { c: 1 })\nmodule.exports = middy(b)', [], 1, false],
  ['module.exports = new Orders()', [], 1, true],
  ['if (b) module.exports = { c: 1 }', ['c'], 0, true],
  ['if (b) module.exports = create()', [], 1, false],
  ['Object.freeze(exports)\nconsole.log(module.exports)\nexports.b = 1', ['b'], 0, true],
  ['Object.defineProperty(exports, "__esModule", { value: true })', ['__esModule'], 0, true],
  ['exports.a = 1\nexports = {}\nexports.b = 2', ['a'], 0, true],
  ['const a = module.exports\na.b = 1\nmodule.exports = { c: 1 }\na.d = 1', ['c'], 0, true],
  ['const a = {}\na.b = 1\nmodule.exports = a\na.c = 1', ['b', 'c'], 0, true],
  ['function f(exports) { exports.b = 1 }\nconst g = ({ module }) => { module.exports = {} }', [], 0, true],
])('%s', (code, names, open, isOwn) => {
  expect(read(code)).toEqual({ names, open, isOwn })
})

test.each([
  ['export = { a, b: 1 }', ['a', 'b'], 0, true],
  ["import a = require('./a')\nexport = a", [], 1, false],
  ["import { a } from './a'\nconst b = () => 1\nb.c = a\nexport = b", ['c', 'default'], 0, true],
])('in TypeScript: %s', (code, names, open, isOwn) => {
  expect(read(code, 'app.ts')).toEqual({ names: expect.arrayContaining(names), open, isOwn })
})

test('what may be any name is reported once, or by its name where only one is asked for', () => {
  const code = "module.exports = require('./a')"
  const report = (kinds: Record<string, string>) => transform(code, createFacts('app.js', { kinds })).wrapped
  const kind = 'onEvent: each of run, main that is a function'
  expect(report({ run: 'onEvent', main: 'onEvent' })).toMatchObject([{ name: '*', kind, line: 1 }])
  expect(report({ run: 'onEvent' })).toMatchObject([{ name: 'run', kind: 'onEvent, if it is a function', line: 1 }])
})

test.each([
  'delete exports.handler',
  "delete module['exports'].handler",
  'const api = module.exports\ndelete api.handler',
  'const api = exports\nif (later) delete (api as any).handler',
])('%s: what is gone is not assigned at the end', (code) => {
  const handler = 'exports.handler = () => 1\n'
  const output = transform(handler + code, createFacts('app.ts')).output!.code
  expect(output).not.toMatch(/exports\["handler"\] = /)
  expect(output).toContain('__otel_exports(module.exports, { "handler": ')
})

test.each([
  'delete other.handler',
  'const f = (exports) => { delete exports.handler }',
  "exports.b = 'delete exports.a'",
])('%s is no reason', (code) => {
  const output = transform(`exports.handler = () => 1\n${code}`, createFacts('app.js')).output!.code
  expect(output).toContain('exports["handler"] = __otel(')
})

test('what another module exports is not guessed at beside `otel:ignore`', () => {
  const code = "// otel:ignore\nmodule.exports = require('./a')\nexports.handler = 1"
  expect(transform(code, createFacts('app.js'))).toMatchObject({ output: undefined, wrapped: [] })
})

test('what is defined may be fixed: it is not assigned, although the module does', () => {
  const code = "Object.defineProperty(exports, 'handler', { value: 1 })\nexports.handler = 2"
  const { program, comments } = parse('app.js', code)
  const { values } = findExports(program, comments, code, {})
  expect(values).toMatchObject([{ name: 'handler', shape: { form: 'commonjs-late' } }])
})
