/** The compiler of webpack and Rspack, as far as it is used here, and the facts that its configuration has. */
import { normalize } from 'pathe'
import { toAbsolute } from './build.ts'
import type { BundlerFacts } from './project.ts'
import type { Output } from './webpack-output.ts'

export interface Tap<Args extends unknown[]> {
  tap(options: string | { name: string; stage: number }, run: (...args: Args) => void): void
}
export interface Compilation extends Output {
  readonly hooks: {
    readonly processAssets: Tap<[]>
    readonly finishModules: Tap<[Iterable<{ readonly resource?: string }>]>
  }
  readonly warnings: Error[]
  readonly errors: Error[]
  updateAsset(file: string, update: (source: object) => object): void
}
export interface Compiler {
  readonly context: string
  readonly watchMode?: boolean
  getInfrastructureLogger(name: string): { info(text: string): void }
  readonly options: {
    readonly entry?: unknown
    readonly target?: unknown
    readonly plugins?: readonly unknown[]
    readonly resolve: { readonly conditionNames?: readonly string[]; alias?: object | false }
    readonly output?: { readonly module?: boolean; readonly library?: { readonly type?: string } }
    readonly stats?: unknown
    externals?: unknown
    readonly cache?: unknown
    readonly experiments?: { readonly cache?: unknown }
    readonly module: { readonly rules: { resource?: RegExp }[] }
  }
  readonly webpack: { readonly sources: { ConcatSource: new (...parts: (object | string)[]) => object } }
  readonly hooks: {
    readonly compilation: Tap<[Compilation, { normalModuleFactory: Factory }]>
    readonly thisCompilation: Tap<[Compilation]>
  }
}
/** https://webpack.js.org/api/normalmodulefactory-hooks/#beforeresolve */
export interface ResolveData {
  request: string
  /** The folder that it is resolved from. */
  context: string
  readonly contextInfo?: { readonly issuer?: string }
  /** `esm` or `commonjs`; webpack only. */
  dependencyType?: string | undefined
}
export type How = Pick<ResolveData, 'context' | 'dependencyType'>
export interface Factory {
  readonly hooks: { readonly beforeResolve: Tap<[ResolveData]> }
}

export function readFacts(name: 'webpack' | 'rspack', { context, options }: Compiler): BundlerFacts {
  const { entry, target, plugins = [], resolve, output } = options
  const targets = [target ?? 'web'].flat().map(String)
  const conditions = resolve?.conditionNames ?? []
  const isServer = targets.some((each) => /^(async-)?node|^webworker|^es/.test(each)) || conditions.length > 0
  const type = output?.library?.type ?? ''
  const isModule = output?.module === true || type === 'module'
  return {
    name,
    root: normalize(context),
    platform: isServer ? 'node' : 'browser',
    format: isModule ? 'esm' : type.startsWith('commonjs') ? 'cjs' : undefined,
    topLevelAwait: isModule,
    appends: true,
    conditions,
    entries: readEntries(entry).map((path) => normalize(toAbsolute(context, path))),
    plugins: plugins.flatMap((plugin) => (plugin as { constructor?: { name?: string } })?.constructor?.name ?? []),
    files: {},
  }
}

/**
 * `'./a.js'`, `['./a.js']`, `{ main: './a.js' }`, and what webpack makes of them: `{ main: { import: ['./a.js'] } }`. A
 * function is not called: what it does is to be done once, and it may tell others later.
 */
export function readEntries(entry: unknown): string[] {
  // A query, or a fragment; a folder may be called `c#`.
  if (typeof entry === 'string') return [entry.replace(/\?.*$|#[^/\\]*$/s, '')]
  if (Array.isArray(entry)) return entry.flatMap(readEntries)
  if (typeof entry !== 'object' || entry === null) return []
  return Object.entries(entry).flatMap(([key, value]) =>
    ['dependOn', 'filename', 'runtime', 'layer', 'library'].includes(key) ? [] : readEntries(value),
  )
}

/** webpack's `filesystem` and Rspack's `persistent`; Rspack 1 has it among its experiments. */
export function persistentCaches({ cache, experiments }: Compiler['options']): { version?: string }[] {
  const found = [cache, experiments?.cache] as ({ type?: string; version?: string } | boolean | undefined)[]
  return found.filter((each) => typeof each === 'object' && each.type !== 'memory') as { version?: string }[]
}
