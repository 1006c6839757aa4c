/** The transform for Turbopack, which takes no plugins, but webpack's loaders: `loader.cts` calls this. */
import type { Target } from '../contract.ts'
import { nameOf, unwrap, type Node } from './ast.ts'
import { createPipeline, type Options, type Pipeline } from './index.ts'
import type { BundlerFacts } from './project.ts'
import { loaderResolve, type LoaderResolving } from './importing.ts'
import { nextEntries } from './platforms/nextjs.ts'
import { parse } from './parse.ts'
import type { Importing } from './module-graph.ts'
import { findUnread } from './unread.ts'

export { loaderResolve, type LoaderResolving }

/** JSON: it is what Turbopack passes on, and what its cache is keyed by. */
export interface LoaderOptions {
  readonly options: Options
  readonly pageExtensions: readonly string[]
  /** Undefined: Turbopack does not tell (Next 15), the module does. */
  readonly target?: Target
  /** A cache must not serve what another version wrapped. */
  readonly version: string
}

export function nextFacts(
  root: string,
  target: Target,
  { pageExtensions }: Pick<LoaderOptions, 'pageExtensions'>,
): BundlerFacts {
  return {
    name: 'turbopack',
    root,
    platform: 'node',
    format: undefined,
    topLevelAwait: false,
    appends: false,
    conditions: target === 'edge' ? ['edge-light'] : ['node'],
    entries: nextEntries(root, pageExtensions),
    plugins: ['withOtel'],
    files: {},
  }
}

const pipelines = new Map<string, Pipeline>()

export function transformModule(
  code: string,
  file: string,
  root: string,
  options: LoaderOptions,
  importing: Importing,
): ReturnType<Pipeline['transform']> {
  const target = options.target ?? targetOf(code, file)
  const key = JSON.stringify([root, target, options])
  let pipeline = pipelines.get(key)
  if (!pipeline) pipelines.set(key, (pipeline = createPipeline(options.options, nextFacts(root, target, options))))
  return pipeline.transform(code, file, importing)
}

/**
 * Next reads it from the source, too: it has to be a literal there.
 * https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config#runtime
 */
export function targetOf(code: string, file: string): Target {
  const runtime = code.includes('runtime') && !findUnread(code) ? runtimeIn(code, file) : undefined
  if (runtime) return runtime === 'nodejs' ? 'node' : 'edge'
  return /(^|[\\/])middleware\.[^\\/]+$/.test(file) ? 'edge' : 'node'
}

/** `export const runtime = 'edge'`, or `export const config = { runtime: 'edge' }` in `pages/api` and a middleware. */
function runtimeIn(code: string, file: string): string | undefined {
  for (const { type, declaration } of parse(file, code).program.body as Node[]) {
    if (type !== 'ExportNamedDeclaration' || declaration?.type !== 'VariableDeclaration') continue
    for (const { id, init } of declaration.declarations) {
      let value = unwrap(init)
      if (id.name === 'config' && value?.type === 'ObjectExpression') {
        value = unwrap(value.properties.find(({ key }: Node) => key && nameOf(key) === 'runtime')?.value)
      } else if (id.name !== 'runtime') continue
      const text = value?.type === 'TemplateLiteral' ? value.quasis[0].value.cooked : value?.value
      if (/^(edge|experimental-edge|nodejs)$/.test(text)) return text
    }
  }
  return undefined
}
