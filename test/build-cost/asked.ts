/** Where each bundler calls into the JavaScript of a plugin: those calls are noted. */
import { counts } from './counts.ts'

// Plugins of eight kinds.
// oxlint-disable-next-line typescript/no-explicit-any
type Any = any

/** @returns the same plugin */
export function noteCalls(bundler: string, plugin: Any): Any {
  if (bundler === 'esbuild' || bundler === 'bun') noteSetup(plugin)
  else if (bundler === 'farm') plugin.forEach(noteExecutors)
  else if (bundler === 'webpack' || bundler === 'rspack') noteTaps(plugin)
  else noteHandlers(plugin)
  return plugin
}

/** unplugin has wrapped these, so that they are what the bundler calls, before anything is filtered in JavaScript. */
function noteHandlers({ transform, resolveId }: Any): void {
  const [own, ownResolve] = [transform.handler, resolveId.handler]
  transform.handler = function (code: string, id: string, ...rest: unknown[]) {
    counts.asked.push(id)
    return own.call(this, code, id, ...rest)
  }
  resolveId.handler = function (source: string, ...rest: unknown[]) {
    counts.resolved.push(source)
    return ownResolve.call(this, source, ...rest)
  }
}

/** The loader notes its own calls. Where anybody taps the hook, it is called with every import. */
function noteTaps(plugin: Any): void {
  const { apply } = plugin
  plugin.apply = (compiler: Any) => {
    apply(compiler)
    compiler.hooks.compilation.tap('noted', (_: Any, { normalModuleFactory: { hooks } }: Any) => {
      if (hooks.beforeResolve.isUsed()) hooks.beforeResolve.tap('noted', (data: Any) => note(data.request))
    })
  }
  const note = (request: string) => void counts.resolved.push(request)
}

function noteSetup(plugin: Any): void {
  const { setup } = plugin
  const noted = (register: Any, list: string[]) => (filter: Any, call: Any) =>
    register(filter, (args: { readonly path: string }) => {
      list.push(args.path)
      return call(args)
    })
  plugin.setup = (build: Any) => {
    const methods: Any = {
      onLoad: noted(build.onLoad.bind(build), counts.asked),
      onResolve: noted(build.onResolve.bind(build), counts.resolved),
    }
    return setup(
      new Proxy(build, {
        get: (_, name) => methods[name] ?? (typeof build[name] === 'function' ? build[name].bind(build) : build[name]),
        ownKeys: () => [...new Set([...Reflect.ownKeys(build), 'onLoad', 'onResolve', 'onEnd', 'config'])],
      }),
    )
  }
}

function noteExecutors({ transform, resolve }: Any): void {
  const noted = (hook: Any, list: string[], pathOf: (params: Any) => string) => {
    if (!hook) return
    const { executor } = hook
    hook.executor = (params: Any, ...rest: unknown[]) => {
      list.push(pathOf(params))
      return executor(params, ...rest)
    }
  }
  noted(transform, counts.asked, ({ resolvedPath }) => resolvedPath)
  noted(resolve, counts.resolved, ({ source }) => source)
}
