/** The transform for Turbopack, which takes no plugins, but webpack's loaders: `loader.cts` calls this. */
import type { Target } from '../contract.ts'
import { createPipeline, type Options, type Pipeline } from './index.ts'
import type { BundlerFacts } from './project.ts'
import { nextEntries } from './platforms/nextjs.ts'

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
): ReturnType<Pipeline['transform']> {
  const target = options.target ?? targetOf(code, file)
  const key = JSON.stringify([root, target, options])
  let pipeline = pipelines.get(key)
  if (!pipeline) pipelines.set(key, (pipeline = createPipeline(options.options, nextFacts(root, target, options))))
  return pipeline.transform(code, file)
}

/** Next reads it from the source, too: it has to be a literal there. */
const RUNTIME = /\bruntime\s*[:=]\s*(['"`])(edge|experimental-edge|nodejs)\1/

/** https://nextjs.org/docs/app/api-reference/file-conventions/route-segment-config#runtime */
export function targetOf(code: string, file: string): Target {
  const runtime = RUNTIME.exec(code)?.[2]
  if (runtime) return runtime === 'nodejs' ? 'node' : 'edge'
  return /(^|[\\/])middleware\.[^\\/]+$/.test(file) ? 'edge' : 'node'
}
