/** Bundles sources given as text, with stand-ins for what they import, and runs the result. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { named } from './describe-module.ts'
import { standIns } from './stand-ins.ts'

const commonjs = fileURLToPath(new URL('../../src/runtime/commonjs.ts', import.meta.url))

/** Counts every call that goes through a wrapper. */
const RUNTIME = `
  export const calls = (globalThis.wrapperCalls ??= [])
  export const instrument = (kind, handler, meta, setup) =>
    typeof handler !== 'function' || setup.host !== 'host' ? handler : new Proxy(handler, {
      apply(target, self, args) { calls.push(meta.name + ' ' + kind); return Reflect.apply(target, self, args) },
    })
  export const instrumentMembers = (objects, classes, value) => typeof value === 'function' ? new Proxy(value, {}) : value
  export const setup = (options, host, context, encoding) => ({ options, host, context, encoding })
  export const onEvent = 'onEvent', onRoute = 'onRoute', onApi = 'onApi', onProxy = 'onProxy', onFetch = 'onFetch', onScheduled = 'onScheduled', onQueue = 'onQueue', onEmail = 'onEmail', onAlarm = 'onAlarm', onWebSocket = 'onWebSocket', onCall = 'onCall', host = 'host', als = 'als', encoding = 'json'
  export const register = () => Promise.resolve()
  export const traced = (name, work) => work(), log = () => {}`

function virtual(files: Readonly<Record<string, string>>): Plugin {
  return {
    name: 'virtual',
    setup(build) {
      build.onResolve({ filter: /./ }, ({ path, namespace }) => {
        if (namespace === 'file') return undefined
        // Of the runtime the one part that has to be the real one: it is about modules, not about handlers.
        if (path === 'unplugin-otel/runtime/commonjs') return { path: commonjs, sideEffects: false }
        if (path.startsWith('node:')) return { path, external: true }
        const file = Object.keys(files).find((name) => `./${name}`.startsWith(`${path}.`) || name === path)
        if (file) return { path: file, namespace: 'virtual' }
        const isRuntime = path.startsWith('unplugin-otel/runtime')
        return { path: isRuntime ? 'runtime' : path, namespace: 'virtual', sideEffects: !isRuntime }
      })
      build.onLoad({ filter: /./, namespace: 'virtual' }, ({ path }) => ({
        contents: files[path] ?? (path === 'runtime' ? RUNTIME : standIns[path]),
        loader: path.endsWith('.tsx') ? 'tsx' : /\.[cm]?ts$/.test(path) ? 'ts' : 'jsx',
      }))
    },
  }
}

/** The first file is the entry. */
export async function bundle(files: Readonly<Record<string, string>>, format: 'esm' | 'cjs'): Promise<string> {
  const [entry] = Object.keys(files)
  const result = await build({
    entryPoints: [entry!],
    bundle: true,
    write: false,
    format,
    platform: 'node',
    target: 'node22',
    jsx: 'automatic',
    // Otherwise esbuild itself renames anonymous default exports.
    keepNames: true,
    logLevel: 'silent',
    plugins: [virtual(files)],
  })
  return result.outputFiles[0]!.text
}

export async function run(code: string, format: 'esm' | 'cjs'): Promise<Record<string, unknown>> {
  if (format === 'esm') {
    const namespace = await import(
      /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(`${code}//${Math.random()}`)}`
    )
    // CommonJS sources arrive as one default export.
    const isCommonJs = Object.keys(namespace).join() === 'default'
    return isCommonJs ? named(namespace.default) : namespace
  }
  const module: { exports: unknown } = { exports: {} }
  const require = createRequire(import.meta.url)
  // oxlint-disable-next-line typescript/no-implied-eval
  new Function('module', 'exports', 'require', code.replace(/^#!.*/, ''))(module, module.exports, require)
  return named(module.exports)
}

/** @returns the exports of the first file */
export async function runEsm(files: Readonly<Record<string, string>>) {
  return run(await bundle(files, 'esm'), 'esm')
}

/** The names of the wrapped exports that were called. */
export function takeCalls(): string[] {
  const { wrapperCalls } = globalThis as { wrapperCalls?: string[] }
  return wrapperCalls?.splice(0) ?? []
}
