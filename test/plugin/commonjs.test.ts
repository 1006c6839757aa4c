/** What of a CommonJS module is known before it runs: names, where others may come from, whose object it is. */
import { expect, test } from 'vitest'
import { findExports } from '../../src/plugin/handlers.ts'
import { parse } from '../../src/plugin/parse.ts'
import { transform } from '../../src/plugin/transform.ts'
import { createFacts } from './facts.ts'

function read(code: string, path = 'app.js') {
  const { program, comments } = parse(path, code)
  const { values, unnamed, isOwn } = findExports(program, comments, code, {})
  return { names: values.map(({ name }) => name), stars: unnamed.map(({ star }) => star ?? '*'), isOwn }
}

test.each([
  ["module.exports = require('./a')", [], ['./a'], false],
  ["const a = require('./a')\nmodule.exports = a", [], ['./a'], false],
  ["module.exports = { ...require('./a'), b: 1, ...c }", ['b'], ['./a', '*'], true],
  ["__exportStar(require('./a'), exports)\nexports.b = 1", ['b'], ['./a'], true],
  ["tslib_1.__exportStar(require('./a'), exports)", [], ['./a'], true],
  ["__reExport(all, require('./a'), module.exports)", [], ['./a'], true],
  ["Object.assign(exports, require('./a'), { b: 1 })", ['b'], ['./a'], true],
  ['for (const key in a) exports[key] = a[key]', [], ['*'], true],
  ["require('./a')(module)", [], ['*'], true],
  ['module.exports = create()', [], ['*'], false],
  ['const all = {}\n__export(all, { b: () => c })\nmodule.exports = __toCommonJS(all)', ['b'], [], false],
  ['const b = () => 1\nset(b, { c: 1 })\nmodule.exports = middy(b)', [], ['*'], false],
  ['module.exports = new Orders()', [], ['*'], true],
  ['if (b) module.exports = { c: 1 }', ['c'], [], true],
  ['if (b) module.exports = create()', [], ['*'], false],
  ['Object.freeze(exports)\nconsole.log(module.exports)\nexports.b = 1', ['b'], [], true],
  ['Object.defineProperty(exports, "__esModule", { value: true })', ['__esModule'], [], true],
  ['function f(exports) { exports.b = 1 }\nconst g = ({ module }) => { module.exports = {} }', [], [], true],
])('%s', (code, names, stars, isOwn) => {
  expect(read(code)).toEqual({ names, stars, isOwn })
})

test.each([
  ['export = { a, b: 1 }', ['a', 'b'], [], true],
  ["import a = require('./a')\nexport = a", [], ['./a'], false],
  ["import { a } from './a'\nconst b = () => 1\nb.c = a\nexport = b", ['c', 'default'], [], true],
])('in TypeScript: %s', (code, names, stars, isOwn) => {
  expect(read(code, 'app.ts')).toEqual({ names: expect.arrayContaining(names), stars, isOwn })
})

test('what may be any name is reported once, or by its name where only one is asked for', () => {
  const code = "module.exports = require('./a')"
  const report = (kinds: Record<string, string>) => transform(code, createFacts('app.js', { kinds })).wrapped
  const kind = 'onEvent: each of run, main that is a function'
  expect(report({ run: 'onEvent', main: 'onEvent' })).toMatchObject([{ name: '*', kind, line: 1 }])
  expect(report({ run: 'onEvent' })).toMatchObject([{ name: 'run', kind: 'onEvent, if it is a function', line: 1 }])
})

test('what another module exports is not guessed at beside `otel:ignore`', () => {
  const code = "// otel:ignore\nmodule.exports = require('./a')\nexports.handler = 1"
  expect(transform(code, createFacts('app.js'))).toMatchObject({ output: undefined, wrapped: [] })
})
