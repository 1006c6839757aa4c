/** Next.js: a plugin for webpack, or a loader for Turbopack; Next refuses a configuration that has both. */
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { normalize } from 'pathe'
import { createWebpackPlugin } from 'unplugin'
import type { Options } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import { reportOnNext } from './next-report.ts'
import { nextEntries, PAGE_EXTENSIONS } from './platforms/nextjs.ts'
import type { LoaderOptions } from './turbopack.ts'
import { createCompilerPlugin } from './webpack-like.ts'
import { createClientCheck } from './webpack-output.ts'

/** What is read and written here of https://nextjs.org/docs/app/api-reference/config/next-config-js */
interface NextConfig {
  readonly pageExtensions?: readonly string[]
  readonly transpilePackages?: readonly string[]
  readonly serverExternalPackages?: readonly string[]
  readonly turbopack?: { readonly rules?: Readonly<Record<string, unknown>> } | undefined
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly webpack?: ((config: any, context: any) => any) | null
}
type Awaitable<T> = T | Promise<T>
/** An object, a promise of one, or a function that makes either. */
// oxlint-disable-next-line typescript/no-explicit-any
type AnyConfig = Awaitable<object> | ((phase: string, context: any) => Awaitable<object>)

/**
 * Wraps the configuration of Next.js 15 or 16, whichever bundler it builds with.
 * @param config an object, a promise of one, or a function that makes either; by default an empty one
 * @param options the same as for every bundler
 * @returns the same kind that it was given
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * // next.config.ts
 * import { withOtel } from 'unplugin-otel/next'
 *
 * export default withOtel({ reactStrictMode: true })
 * ```
 */
export function withOtel<Config extends AnyConfig = object>(config?: Config, options: Options = {}): Config {
  const given: AnyConfig = config ?? {}
  const { enabled } = resolveOptions(options, process.env)
  if (!enabled) return given as Config
  const extend = (own: object) => extendConfig(own, options)
  const extendAll = (own: Awaitable<object>) => (own instanceof Promise ? own.then(extend) : extend(own))
  if (typeof given !== 'function') return extendAll(given) as Config
  return ((phase: string, context: unknown) => extendAll(given(phase, context))) as Config
}

function extendConfig(config: NextConfig, options: Options): NextConfig {
  const pageExtensions = config.pageExtensions ?? PAGE_EXTENSIONS
  reportOnNext(options, pageExtensions).catch((error: unknown) => console.error(String(error)))
  // Next sets it before it reads the configuration, whatever its default is.
  const extend = process.env['TURBOPACK'] ? withRules : withPlugin
  // Next refuses a package in both lists. What Turbopack keeps outside then is traced and deployed with the function:
  // nothing is said about it. https://nextjs.org/docs/app/api-reference/config/next-config-js/output
  const external = config.serverExternalPackages ?? []
  const bundled = ['unplugin-otel', '@opentelemetry/api'].filter((name) => !external.includes(name))
  // In `pages/` packages are left outside otherwise, and nothing of ours needs to be there at run time.
  const transpilePackages = [...new Set([...(config.transpilePackages ?? []), ...bundled])]
  return extend({ ...config, transpilePackages }, options, pageExtensions)
}

function withPlugin(config: NextConfig, options: Options, pageExtensions: readonly string[]): NextConfig {
  return {
    ...config,
    webpack(webpackConfig, context) {
      const own = config.webpack?.(webpackConfig, context) ?? webpackConfig
      if (!context.isServer) {
        if (!context.dev) own.plugins = [...(own.plugins ?? []), createClientCheck(options)]
        return own
      }
      const facts = { entries: nextEntries(normalize(context.dir), pageExtensions), plugins: ['withOtel'] }
      const plugin = createCompilerPlugin('webpack', createWebpackPlugin, options, facts)
      own.plugins = [...(own.plugins ?? []), plugin]
      return own
    },
  }
}

interface Rule {
  readonly loaders: readonly unknown[]
  readonly condition?: unknown
}

function withRules(config: NextConfig, options: Options, pageExtensions: readonly string[]): NextConfig {
  const loader = (target?: LoaderOptions['target']): unknown => {
    const loaderOptions: LoaderOptions = {
      options,
      pageExtensions,
      ...(target && { target }),
      version: __VERSION__,
    }
    return { loader: LOADER, options: loaderOptions }
  }
  const rules: Record<string, unknown> = { ...config.turbopack?.rules }
  const major = nextMajor()
  // Turbopack's root may be further up, in a repository of several packages; the loader knows where Next is.
  for (const glob of nextEntries('**', pageExtensions)) {
    const own = rules[glob]
    if (major < 16) {
      // A list of loaders, of which the last one runs first: it has to see what the user wrote.
      const loaders = Array.isArray(own) ? own : ((own as Rule | undefined)?.loaders ?? [])
      const rest = typeof own === 'object' && !Array.isArray(own) ? own : {}
      rules[glob] = { ...rest, loaders: [...loaders, loader()] }
      continue
    }
    const ours: Rule[] = [
      { condition: { all: [{ not: 'foreign' }, 'node'] }, loaders: [loader('node')] },
      { condition: { all: [{ not: 'foreign' }, 'edge-light'] }, loaders: [loader('edge')] },
    ]
    rules[glob] = [...ours, ...(own === undefined ? [] : [own].flat())]
  }
  return {
    ...config,
    turbopack: { ...config.turbopack, rules },
  }
}

const LOADER = fileURLToPath(new URL('loader.cjs', import.meta.url))

/** Of what runs; the folder that it runs in may be another one than the project's (`next build web`). */
function nextMajor(): number {
  for (const from of [process.argv[1], `${process.cwd()}/next.config.js`]) {
    try {
      return Number.parseInt(createRequire(from!)('next/package.json').version, 10)
    } catch {
      // A process of somebody else.
    }
  }
  return 16
}

/** Written by the build (`define` in tsdown.config.ts) from package.json. */
declare const __VERSION__: string

export type { Options } from './options.ts'
