/** The statements of a CommonJS module, and of a TypeScript one that becomes CommonJS by `export =`. */
import * as fc from 'fast-check'
import { exportedName, isIdentifier, localName, spell, type Name } from './names.ts'
import type { Part } from './printer.ts'
import { comment, gap, noise, semicolon } from './trivia.ts'
import { functionText, value, valueText, work } from './values.ts'

const TARGETS = ['exports', 'module.exports', 'exports', "module['exports']", 'api'] as const

interface Assigned {
  readonly target: (typeof TARGETS)[number]
  readonly name: Name
  readonly text: string
  readonly other: string
  readonly gap: string
}

/** A member, with a dot or in brackets. */
function member(target: string, { text, isEscaped }: Name, gap = ''): string {
  if (!isIdentifier(text)) return `${target}[${JSON.stringify(text)}]`
  return isEscaped ? `${target}[${gap}'${text}'${gap}]` : `${target}.${text}`
}

function key({ text }: Name): string {
  return isIdentifier(text) && text !== '__proto__' ? text : `[${JSON.stringify(text)}]`
}

const FORMS: Readonly<Record<string, (it: Assigned) => string>> = {
  member: ({ target, name, text, gap }) => `${member(target, name, gap)}${gap}=${gap}${text}`,
  chain: ({ target, name, text }) => `${member(target, name)} = exports.run = ${text}`,
  'void first': ({ target, name, text }) =>
    `exports.main = ${member(target, name)} = void 0;\n${member(target, name)} = ${text}`,
  whole: ({ name, text, gap }) => `module.exports${gap}=${gap}{ ${key(name)}: ${text}, table: 1 }`,
  both: ({ name, text }) => `exports = module.exports = { ${key(name)}: ${text} }`,
  'whole with spread': ({ name, text }) => `module.exports = { ...require('./app'), ${key(name)}: ${text} }`,
  'whole with getter': ({ name, text }) => `module.exports = { get ${key(name)}() { return ${text} }, set run(_) {} }`,
  'whole value': ({ text }) => `module.exports = ${text}`,
  'whole with members': ({ name, text, other }) =>
    `module.exports = ${text};\nObject.assign(module.exports ?? {}, { ${key(name)}: ${other} })`,
  required: () => "module.exports = require('./app')",
  'required member': ({ target, name }) => `${member(target, name)} = require('./app').handler`,
  'defined value': ({ target, name, text }) =>
    `Object.defineProperty(${target}, ${JSON.stringify(name.text)}, { value: ${text}, enumerable: true })`,
  'defined getter': ({ target, name, text }) =>
    `Object.defineProperty(${target}, ${JSON.stringify(name.text)}, { enumerable: true, get: function () { return ${text} } })`,
  assign: ({ target, name, text, other }) => `Object.assign(${target}, { ${key(name)}: ${text} }, { main: ${other} })`,
  conditional: ({ target, name, text }) => `if (track('@') === undefined) ${member(target, name)} = ${text}`,
  'not taken': ({ target, name, text }) => `if (track.never) ${member(target, name)} = ${text}`,
  'in a function': ({ target, name, text }) => `;(function () { ${member(target, name)} = ${text} }).call(this)`,
  'with own exports': ({ name, text }) =>
    `;(function (exports, module) { ${member('exports', name)} = ${text}; module.exports = 1 })({}, {})`,
  'in a loop': ({ target, text }) => `for (const key of ['handler', 'main']) ${target}[key] = ${text}`,
  computed: ({ target, text }) => `${target}['hand' + 'ler'] = ${text}`,
  destructured: ({ target, name, text }) => `;({ a: ${member(target, name)} } = { a: ${text} })`,
  'given away': ({ target, name, text }) =>
    `;(function (all) { all[${JSON.stringify(name.text)}] = ${text} })(${target})`,
  esbuild: ({ name, text }) =>
    `var all = {}; ((to, from) => { for (const k in from) Object.defineProperty(to, k, { get: from[k], enumerable: true }) })(all, { ${key(name)}: () => given });\nmodule.exports = ((it) => Object.defineProperty(it, '__esModule', { value: true }))(all);\nvar given = ${text};\n0 && (module.exports = { ${key(name)}: null })`,
  frozen: ({ name, text }) => `module.exports = Object.freeze({ ${key(name)}: ${text} })`,
  'frozen here': ({ target }) => `Object.freeze(${target})`,
  marked: () => "Object.defineProperty(exports, '__esModule', { value: true })",
  return: () => 'if (track.never) return track("@")',
  'return a value': () => 'if (typeof module) return',
  'return in a block': () => '{ switch (1) { case 1: return } }',
  late: ({ target, name, text, other }) =>
    `${target}.change = () => { ${member(target, name)} = ${text} };\n${member(target, name)} = ${other}`,
  deleted: ({ target, name }) => `delete ${member(target, name)}`,
  detached: () => 'exports = {}',
}

const RARE = [
  'frozen here',
  'return',
  'return a value',
  'return in a block',
  'deleted',
  'detached',
  'required',
  'whole value',
  'esbuild',
]

const assigned: fc.Arbitrary<Part> = fc
  .record({
    form: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...Object.keys(FORMS).filter((form) => !RARE.includes(form))) },
      fc.constantFrom(...RARE),
    ),
    target: fc.constantFrom(...TARGETS),
    name: exportedName,
    value,
    other: value,
    gap,
    comment,
    end: semicolon,
  })
  .map(({ form, comment, end, value, other, ...rest }) => ({ take }) => {
    const begin =
      rest.target === 'api' && take({ text: 'let api', isEscaped: false }) ? 'const api = module.exports;\n' : ''
    return begin + comment + FORMS[form]!({ ...rest, text: valueText(value), other: valueText(other) }) + end
  })

const local: fc.Arbitrary<Part> = fc
  .record({
    how: fc.constantFrom('function', 'const', 'var', 'class'),
    name: localName,
    exported: exportedName,
    of: work,
    value,
    comment,
    end: semicolon,
    isExported: fc.boolean(),
  })
  .map(({ how, name, exported, of, value, comment, end, isExported }) => ({ bind }) => {
    const bound = spell(bind(name))
    const text =
      how === 'function'
        ? `function ${bound}${functionText(of)}`
        : how === 'class'
          ? `class ${bound} { fetch${functionText({ ...of, looksAtThis: false })} }`
          : `${how} ${bound} = ${valueText(value)}`
    return `${comment}${text}${end}${isExported ? `\n;${member('exports', exported)} = ${bound};` : ''}`
  })

const effect: fc.Arbitrary<Part> = fc.record({ noise, comment, end: semicolon }).map(
  ({ noise, comment, end }) =>
    () =>
      comment + noise + end,
)

export const cjsPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 6, arbitrary: assigned },
  { weight: 2, arbitrary: local },
  { weight: 1, arbitrary: effect },
)

/** TypeScript's own: what is given to `require` of it. */
export const exportEquals: fc.Arbitrary<Part> = fc
  .record({
    form: fc.constantFrom('value', 'local', 'import', 'object'),
    value,
    name: exportedName,
    gap,
    end: semicolon,
  })
  .map(({ form, value, name, gap, end }) => ({ bound, take }) => {
    if (!take({ text: 'export =', isEscaped: false })) return ''
    const local = bound[0]
    if (form === 'import') return `import app = require('./app');\nexport${gap}=${gap}app${end}`
    if (form === 'local' && local) return `export${gap}=${gap}${spell(local)}${end}`
    if (form === 'object') return `export${gap}=${gap}{ ${key(name)}: ${valueText(value)}, run: 1 }${end}`
    return `export${gap}=${gap}${valueText(value)}${end}`
  })
