/** Runs a module in Node, and says all that a caller sees of it. */
import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
import { transform as compile } from 'esbuild'
import { slot } from '../../src/runtime/slot.ts'
import { describeValue, isClass } from './describe-value.ts'
import { standIns } from '../plugin/stand-ins.ts'

export interface Seen {
  /** What the module did while it was loaded, and the error that it failed for. */
  readonly loading: readonly string[]
  readonly names: readonly string[]
  /** By exported name. */
  readonly values: Readonly<Record<string, unknown>>
  /** Handlers that were called by their wrappers. */
  readonly calls: ReadonlySet<string>
  /** Exports whose calls must have been seen. */
  readonly callable: ReadonlySet<string>
}

type Exports = Record<string, unknown>

const STAND_IN = pathToFileURL(join(import.meta.dirname, 'stand-in.ts')).href
const APP = `data:text/javascript,${encodeURIComponent(standIns['./app']!)}`

// What the build writes there.
Object.assign(globalThis, { __VERSION__: 'fuzz' })
registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('unplugin-otel/runtime')) return { url: STAND_IN, shortCircuit: true }
    if (specifier === './app') return { url: APP, shortCircuit: true }
    // How a module imports itself.
    const isSelf = context.parentURL?.startsWith('data:') && specifier.startsWith('./')
    return isSelf ? { url: context.parentURL!, shortCircuit: true } : next(specifier, context)
  },
})

const log: string[] = []
const track = Object.assign((...values: unknown[]) => void log.push(values.map(String).join()), {})
Object.assign(globalThis, {
  track,
  same: (value: unknown) => value,
  schedule: (_: string, handler: unknown) => handler,
  h: (type: unknown) => type,
  Base: class Base {
    static inherited = 1
    queue() {
      return 'base'
    }
  },
})

/** @returns what esbuild makes of TypeScript; undefined: it is no valid module */
export async function toJavaScript(code: string, file: string, format: 'esm' | 'cjs'): Promise<string | undefined> {
  const extension = /\w+$/.exec(file)![0]
  const loader = /^[cm]?ts$/.test(extension) ? 'ts' : extension === 'tsx' ? 'tsx' : 'jsx'
  // Otherwise it renames anonymous default exports.
  const options = { loader, target: 'node24', keepNames: true, logLevel: 'silent', format } as const
  return compile(code, { ...options, tsconfigRaw: {} }).then(
    (result) => result.code,
    () => undefined,
  )
}

function takeCalls(): string[] {
  return (globalThis as { fuzzCalls?: string[] }).fuzzCalls?.splice(0) ?? []
}

export async function evaluate(js: string, system: 'esm' | 'cjs'): Promise<Seen> {
  // A module may call an async function of its own while it is loaded: what becomes of its rejection is its own business.
  const listeners = process.rawListeners('unhandledRejection') as NodeJS.UnhandledRejectionListener[]
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', () => {})
  try {
    return await see(js, system)
  } finally {
    await new Promise((resolve) => setImmediate(resolve))
    process.removeAllListeners('unhandledRejection')
    for (const listener of listeners) process.on('unhandledRejection', listener)
  }
}

async function see(js: string, system: 'esm' | 'cjs'): Promise<Seen> {
  slot.tracing ??= {} as never
  log.length = 0
  Object.keys(track).forEach((key) => Reflect.deleteProperty(track, key))
  const loaded = await (system === 'esm' ? runEsm(js) : runCjs(js)).catch((error) => void log.push(String(error)))
  const loading = log.splice(0)
  takeCalls()
  if (loaded === undefined) return { loading, names: [], values: {}, calls: new Set(), callable: new Set() }
  const names = namesOf(loaded)
  const values: Record<string, unknown> = {}
  const callable = new Set<string>()
  const exports = typeof loaded === 'function' && system === 'cjs' ? { module: loaded } : {}
  for (const name of names)
    Object.defineProperty(exports, name, { get: () => (loaded as Exports)[name], enumerable: true, configurable: true })
  // What assigns others is called last.
  const order = Object.keys(exports).toSorted((a, b) => Number(SETTER.test(a)) - Number(SETTER.test(b)))
  // Twice, because bindings are live.
  for (const turn of [1, 2]) {
    for (const name of order) {
      const value = (exports as Exports)[name]
      // As it is when it is called: a getter may give something else once another export was, and setters come later.
      if (turn === 1 && typeof value === 'function' && !isClass(value) && !isFixed(loaded, name))
        callable.add(name === 'module' ? 'default' : name)
      values[`${name} ${turn}`] = await describeValue(value)
    }
  }
  return {
    loading: [...loading, '---', ...log.splice(0)],
    names,
    values,
    calls: new Set(takeCalls()),
    callable,
  }
}

const SETTER = /^(change|run)\d*$/

async function runEsm(js: string): Promise<object> {
  return import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(js)}//${++runs}`)
}
let runs = 0

async function runCjs(js: string): Promise<unknown> {
  const module = { exports: {} as unknown }
  const app = await import(/* @vite-ignore */ APP)
  const standIn = await import(/* @vite-ignore */ STAND_IN)
  const require = (source: string) => {
    if (source.startsWith('unplugin-otel/runtime')) return standIn
    if (source === './app') return { ...app, __esModule: true }
    if (source.startsWith('./')) return module.exports
    throw new Error(`nothing stands in for ${source}`)
  }
  // oxlint-disable-next-line typescript/no-implied-eval
  const run = new Function('module', 'exports', 'require', js.replace(/^#!.*/, '')) as (...args: unknown[]) => void
  Reflect.apply(run, module.exports, [module, module.exports, require])
  return module.exports
}

function namesOf(exports: unknown): string[] {
  return Object(exports) === exports
    ? Reflect.ownKeys(exports as object)
        .map(String)
        .toSorted()
    : []
}

/** Of functions and instances there are no copies, in which it could be another. */
function isFixed(exports: unknown, name: string): boolean {
  if (Object.getPrototypeOf(exports) === Object.prototype) return false
  const own = Object.getOwnPropertyDescriptor(exports, name)
  return own?.configurable === false && !own.writable
}
