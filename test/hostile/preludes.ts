/**
 * What a function's own code, a library or a polyfill does to what is global: text that is put before ours in the bundle,
 * behind it, or into the handler. `real` has the globals as they were, `seen` counts calls.
 */
export interface Prelude {
  readonly code: string
  /** Where it exists at all. @default everywhere */
  readonly only?: 'node' | 'worker' | 'server'
  /** Why there may be no spans where it comes before ours; nothing else is different. */
  readonly before?: string
  /** The same, wherever it comes. */
  readonly silent?: string
  /** What of it is called all the same, and why. */
  readonly sees?: readonly string[]
  readonly workersSee?: readonly string[]
  readonly nodeArgs?: string[]
}

/**
 * Before everything else. The handler's own code uses `real` only, and so does the platform's client: what it makes of
 * what is patched is not ours.
 */
export const REAL = `
globalThis.$real ??= { Promise, Date, Error, stringify: JSON.stringify, setTimeout: setTimeout.bind(globalThis) }
globalThis.$seen ??= {}
globalThis.$count ??= (name) => void ($seen[name] = ($seen[name] ?? 0) + 1)
globalThis.$isClient ??= () => {
  const { stackTraceLimit } = $real.Error
  $real.Error.stackTraceLimit = 3
  const [, , , caller = ''] = new $real.Error().stack.split('\\n')
  $real.Error.stackTraceLimit = stackTraceLimit
  return !/deployed|index\\.js/.test(caller)
}
globalThis.$replace ??= (owner, name, fake) => {
  const original = owner?.[name]
  if (typeof original !== 'function') return
  const patched = function (...args) {
    if (new.target) return Reflect.construct($isClient() ? original : ($count(name), fake), args)
    return Reflect.apply($isClient() ? original : ($count(name), fake), this, args)
  }
  Object.setPrototypeOf(patched, original)
  patched.prototype = original.prototype
  Object.defineProperty(owner, name, { __proto__: null, value: patched, configurable: true, writable: true })
}
globalThis.$spy ??= (owner, name) => $replace(owner, name, owner?.[name])
globalThis.$replaceGlobal ??= (name, fake) => {
  const original = globalThis[name]
  Object.defineProperty(globalThis, name, { __proto__: null, configurable: true, get: () => $isClient() ? original : fake, set() {} })
}
`

const node = `const http = process.getBuiltinModule('node:http'), https = process.getBuiltinModule('node:https');`
const refuse = `() => { throw new $real.Error('patched') }`

export const preludes: Readonly<Record<string, Prelude>> = {
  'spies on everything': {
    code: `
      for (const name of ['fetch', 'setTimeout', 'clearTimeout', 'setImmediate', 'setInterval', 'queueMicrotask']) $spy(globalThis, name)
      for (const name of ['parse', 'stringify']) $spy(JSON, name)
      for (const name of ['all', 'allSettled', 'resolve']) $spy(Promise, name)
      for (const name of ['then', 'catch', 'finally']) $spy(Promise.prototype, name)
      $spy(Date, 'now')
      $spy(globalThis.performance, 'now')
      $spy(globalThis, 'Promise')`,
    // workerd asks what `waitUntil` is given; the clock of spans is asked where it is.
    workersSee: ['then', 'now'],
  },
  'spies on node:http': {
    only: 'node',
    code: `${node}
      for (const owner of [http, https]) for (const name of ['request', 'get']) $spy(owner, name)
      for (const name of ['Agent', 'ClientRequest']) $spy(http, name)`,
    // The least that a request takes; to load them at once would cost every cold start 2 ms.
    sees: ['Agent', 'ClientRequest'],
  },
  'fetch throws': { code: `$replace(globalThis, 'fetch', ${refuse})`, before: 'Workers have no other way out' },
  'fetch is gone': { code: `globalThis.fetch = undefined`, before: 'Workers have no other way out' },
  'http.request throws': {
    only: 'node',
    code: `${node} for (const owner of [http, https]) for (const name of ['request', 'get']) $replace(owner, name, ${refuse})`,
  },
  'a subclass of Promise is the global': {
    code: `$replaceGlobal('Promise', class Bird extends $real.Promise { then(...args) { $count('Bird.then'); return super.then(...args) } })`,
  },
  'a library is the global Promise': {
    code: `$replaceGlobal('Promise', class Library { then() { throw new $real.Error('of a library') } static resolve() { return new Library() } })`,
  },
  'Promise is gone': { code: `$replaceGlobal('Promise', undefined)` },
  'Promise.all and its like throw': {
    code: `for (const name of ['all', 'allSettled', 'race', 'resolve', 'reject']) $replace(Promise, name, ${refuse})`,
  },
  'then of promises throws': {
    code: `for (const name of ['then', 'catch', 'finally']) $replace(Promise.prototype, name, ${refuse})`,
    workersSee: ['then'],
  },
  'JSON.stringify throws': { code: `$replace(JSON, 'stringify', ${refuse})`, before: 'nothing can be encoded' },
  'JSON.stringify prints with spaces': {
    code: `$replace(JSON, 'stringify', (value) => $real.stringify(value, null, 2))`,
  },
  'JSON.parse throws': {
    code: `$replace(JSON, 'parse', ${refuse})`,
    before: 'the events of the extension are not understood',
  },
  'toJSON everywhere, as Prototype.js has it': {
    code: `for (const owner of [Object, Array, String, Number, BigInt, Date, Boolean])
      Object.defineProperty(owner.prototype, 'toJSON', { configurable: true, writable: true, value() { $count('toJSON'); return 'of a prototype' } })`,
  },
  'the clock stands still': {
    code: `$replace(Date, 'now', () => 1e12); $replace(globalThis.performance, 'now', () => 5)`,
    workersSee: ['now'],
  },
  'the clock goes backwards': {
    code: `let at = 2e12; $replace(Date, 'now', () => (at -= 1e9))`,
    before: 'it is the only clock',
  },
  'the clock gives text': { code: `$replace(Date, 'now', () => 'now')`, before: 'it is the only clock' },
  'Date is a subclass': {
    code: `$replaceGlobal('Date', class extends $real.Date { constructor(...args) { super(...(args.length ? args : [1e12])) } static now() { return 1e12 } })`,
  },
  'Date is gone': { code: `$replaceGlobal('Date', undefined)`, before: 'there is no clock' },
  'timers never fire': {
    code: `for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']) $replace(globalThis, name, () => 0)
      for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) $replace(globalThis, name, () => {})`,
    before: 'nothing can be waited for',
  },
  'timers throw': {
    code: `for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'clearTimeout']) $replace(globalThis, name, ${refuse})`,
    before: 'nothing can be waited for',
  },
  'prototypes have more': {
    code: `Object.prototype.each = function () {}; Array.prototype.last = function () {}; Object.prototype.extra = 'text'`,
  },
  'prototypes have setters': {
    code: `for (const name of ['name', 'status', 'value', 'attributes', 'root', 'events', 'spanId', 'id'])
      Object.defineProperty(Object.prototype, name, { __proto__: null, configurable: true, get() { return undefined }, set(given) {
        $count('setter'); Object.defineProperty(this, name, { __proto__: null, value: given, configurable: true, writable: true, enumerable: true }) } })`, // Every object has them.
    sees: ['setter'],
  },
  'the console throws': { code: `for (const name of Object.keys(console)) $replace(console, name, ${refuse})` },
  'process refuses listeners': {
    only: 'node',
    code: `for (const name of ['on', 'once', 'addListener', 'prependListener', 'off', 'emitWarning', 'listenerCount']) $replace(process, name, ${refuse})`,
  },
  'no random numbers': {
    code: `crypto.getRandomValues = ${refuse}; crypto.randomUUID = ${refuse}`,
    silent: 'on Workers there is nothing else to make ids of',
  },
  'random numbers are zero': { code: `crypto.getRandomValues = (array) => array; Math.random = () => 0` },
  'a file system in memory': {
    only: 'node',
    code: `const fs = process.getBuiltinModule('node:fs'); for (const name of ['openSync', 'readSync', 'readFileSync', 'existsSync']) $replace(fs, name, ${refuse}); crypto.getRandomValues = ${refuse}`, // Where ids come from.
    sees: ['openSync'],
  },
  'performance is gone': {
    code: `Object.defineProperty(globalThis, 'performance', { value: undefined, configurable: true })`,
    silent: 'it is the clock of spans',
  },
  'promises and the like are frozen': {
    code: `for (const each of [Promise, JSON, Date, Array, Map, Set, WeakMap, console]) Object.freeze(each)
      for (const each of [Promise, Date, Map, Set, WeakMap]) Object.freeze(each.prototype)`,
  },
  'prototypes are frozen': {
    code: `for (const each of [Object, Array, Function, Error]) Object.freeze(each.prototype)`,
  },
  // Lambda's client does not start with it.
  '--frozen-intrinsics': { only: 'server', code: ``, nodeArgs: ['--frozen-intrinsics'] },
  '--disable-proto=delete': { only: 'node', code: ``, nodeArgs: ['--disable-proto=delete'] },
  'diagnostics throw': {
    code: `(globalThis[Symbol.for('opentelemetry.js.api.1')] ??= { version: '1.9.0' }).diag = Object.fromEntries(
      ['error', 'warn', 'info', 'debug', 'verbose'].map((level) => [level, ${refuse}]))`,
  },
}
