/** Expressions that are exported: functions, classes and objects with a behaviour that a caller sees. */
import * as fc from 'fast-check'

/** `@` is a label that no other has; TypeScript between `‹` and `›` is left out of JavaScript. */
type Text = string

const PARAMETERS: Readonly<Record<string, Text>> = {
  '': '0',
  'a‹: any›': 'a',
  'a‹: any›, b‹?: { id: string }›': '[a, b]',
  'a‹: any›, b‹: any›, c‹: () => void›': 'typeof c',
  'a‹: number› = 1, b‹?: any›': '[a, b]',
  '...rest‹: unknown[]›': 'rest.length',
  '{ id }‹: any› = {}': 'id',
  '[a]‹: any› = [], ...[b]': '[a, b]',
  'a = /* ) => { */ ") {", b‹: any› = (() => { return "}" })()': 'a + b',
}

const BODIES: Readonly<Record<string, (result: Text) => Text>> = {
  gives: (result) => `return ['@', ${result}]`,
  throws: () => 'throw new RangeError("@")',
  counts: (result) => `return [track.calls = (track.calls ?? 0) + 1, ${result}, "@"]`,
  shadows: (result) =>
    `const handler = ${result}, exports = 1; let module‹: any› = { exports }; module = handler; return [module, "@"]`,
  looks: (result) =>
    `// export { handler }\n  return [\`@ \${${result}} }\`, /[}/]export/.source, '/* otel:ignore */']`,
  directive: (result) => `'use strict'; return [${result}, "@"]`,
  late: (result) => `return Promise.resolve(["@", ${result}])`,
  lazy: (result) => `return { then(done‹: any›) { done(["@", ${result}]) } }`,
}

export interface Work {
  readonly parameters: Text
  readonly body: string
  /** What `this` is, too: where it is the function's own. */
  readonly looksAtThis: boolean
}

export const work: fc.Arbitrary<Work> = fc.record({
  parameters: fc.constantFrom(...Object.keys(PARAMETERS)),
  body: fc.constantFrom(...Object.keys(BODIES)),
  looksAtThis: fc.boolean(),
})

/** Parameters and body of a function with a `this` of its own. */
export function functionText({ parameters, body, looksAtThis }: Work): Text {
  const result = PARAMETERS[parameters]!
  const own = looksAtThis ? `[${result}, this?.me, arguments.length, new.target?.name]` : result
  const isSimple = !/[=.{[]/.test(parameters)
  return `(${parameters})‹: any› { ${BODIES[isSimple || body !== 'directive' ? body : 'gives']!(own)} }`
}

/** The same where `arguments`, `new.target` or `this` may not be one. */
function methodText(of: Work): Text {
  return functionText({ ...of, looksAtThis: false, ...(of.body === 'directive' && { body: 'gives' }) })
}

function arrowText({ parameters, body }: Work): Text {
  const result = PARAMETERS[parameters]!
  if (body === 'gives') return `(${parameters})‹: any› => ['@', ${result}]`
  if (parameters === '' && body === 'counts') return `_ => ({ '@': _ })`
  const isSimple = !/[=.{[]/.test(parameters)
  return `(${parameters}) => { ${BODIES[isSimple || body !== 'directive' ? body : 'gives']!(result)} }`
}

type Form = (of: Work) => Text

/** The shapes of a value. */
const FUNCTIONS: Readonly<Record<string, Form>> = {
  arrow: arrowText,
  'async arrow': (of) => `async ${of.body === 'counts' ? arrowText({ ...of, body: 'gives' }) : arrowText(of)}`,
  'generic arrow': (of) => `‹<T,>›${arrowText({ ...of, body: 'gives' })}`,
  function: (of) => `function ${functionText(of)}`,
  'named function': (of) => `function handler${functionText(of)}`,
  'async function': (of) => `async function ${functionText(of)}`,
  generator: (of) => `function* ${functionText(of)}`,
  'async generator': (of) => `async function * /* * */ inner${functionText(of)}`,
  'generic function': (of) => `function ‹<const T, U = T>›${functionText(of)}`,
}

const VALUES: Readonly<Record<string, Form>> = {
  ...FUNCTIONS,
  call: (of) => `same(${arrowText(of)})`,
  bound: (of) => `(function run${functionText(of)}).bind({ me: 2 })`,
  method: (of) => `({ fetch${methodText(of)} }).fetch`,
  conditional: (of) => `track.calls ? undefined : ${arrowText(of)}`,
  comma: (of) => `(0, ${arrowText(of)})`,
  class: (of) => `class { fetch${methodText(of)} static n = 1; static of() { return this.n } }`,
  'named class': (of) =>
    `class handler extends Base { #n = '@'; get n() { return this.#n } scheduled${methodText(of)} }`,
  object: (of) => `{ fetch${methodText(of)}, scheduled: ${arrowText(of)}, n: 1, config: { path: '/@' } }`,
  'object of names': (of) =>
    `{ 'fetch': function ${functionText(of)}, ["queue"]: 1, ...same({ email: ${arrowText(of)} }) }`,
  'object with getter': (of) => `{ get fetch() { return ${arrowText(of)} }, async *alarm${methodText(of)} }`,
  'frozen object': (of) => `Object.freeze({ fetch: ${arrowText(of)} })`,
  instance: (of) => `new (class Own { #n = 1; fetch${methodText(of)} own() { return this.#n } })()`,
  list: (of) => `[${arrowText(of)}, function ${functionText(of)}]`,
  number: () => '42',
  text: () => "'@'",
  nothing: () => 'undefined',
  void: () => 'void 0',
  template: () => '`@ ${1}`',
  schedule: (of) => `schedule('@daily', ${arrowText(of)})`,
}

/** Around a value: what TypeScript or a parenthesis adds changes nothing. */
const AROUND: Readonly<Record<string, (value: Text) => Text>> = {
  nothing: (value) => value,
  parentheses: (value) => `(${value})`,
  as: (value) => `(${value})‹ as any›`,
  satisfies: (value) => `(${value})‹ satisfies unknown›`,
  'as and not null': (value) => `((${value})‹ as unknown›)‹!›`,
  comments: (value) => `/* (( */ (${value} /* )) */)`,
}

export interface Value {
  readonly form: string
  readonly of: Work
  readonly around: string
}

export const value: fc.Arbitrary<Value> = fc.record({
  form: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...Object.keys(FUNCTIONS)) },
    fc.constantFrom(...Object.keys(VALUES)),
  ),
  of: work,
  around: fc.oneof({ weight: 4, arbitrary: fc.constant('nothing') }, fc.constantFrom(...Object.keys(AROUND))),
})

export function valueText({ form, of, around }: Value): Text {
  return AROUND[around]!(VALUES[form]!(of))
}
