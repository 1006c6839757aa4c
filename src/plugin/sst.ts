/**
 * SST's bridge → the facts of the pipeline. The CLI bundles with its own esbuild, in Go, and starts a process
 * for each function that imports the file `nodejs.plugins` names; they talk in lines of JSON, so stdout is taken.
 * https://github.com/anomalyco/sst/blob/dev/platform/functions/nodejs-runtime/plugin.mjs and pkg/runtime/node/plugin.go
 *
 * What of esbuild's plugin API is there: `onResolve` and `onLoad`, whose filters are tested against `undefined`.
 * `onEnd` is never called, `initialOptions` is not there: the entry is what is resolved as one, and the output's
 * format is not known. The CLI waits for ever for the answer of a hook that throws, and ends on `warnings`.
 */
import { appendFileSync, existsSync, realpathSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import { join, normalize } from 'pathe'
import { toAbsolute } from './build.ts'
import { createResolver, RESOLVED } from './entry.ts'
import { kindOf, readText } from './files.ts'
import { relativeResolve } from './importing.ts'
import { createPipeline, type Pipeline } from './index.ts'
import { loaderOf } from './loader-of.ts'
import type { Options } from './options.ts'
import type { BundlerFacts, Project } from './project.ts'
import { readSstConfig } from './sst-config.ts'
import { tell } from './report/voice.ts'

interface Bridge {
  onResolve(options: { filter: RegExp }, callback: (args: Resolving) => Promise<Answer>): void
  onLoad(options: { filter: RegExp }, callback: (args: Loading) => Promise<Answer>): void
}
interface Resolving {
  readonly path: string
  readonly kind: string
  readonly resolveDir: string
}
interface Loading {
  readonly path: string
  readonly namespace: string
}
type Answer =
  | { readonly path: string; readonly sideEffects: boolean }
  | { readonly contents: string; readonly loader: string }
  | { readonly error: string }
  | undefined

const ANY = /.*/
/** The bridge resolves nothing for plugins, and a function is built anew whenever a file changes. */
const IMPORTING = { resolve: relativeResolve, watch: () => {} }

/**
 * The plugins for SST 3 and 4, in a file of their own that `nodejs.plugins` names; the default export of this
 * module is `otel()` without options. What it did is in `.sst/log/unplugin-otel.log`.
 * @example
 * ```ts
 * // otel.mjs; in sst.config.ts: nodejs: { plugins: './otel.mjs' }
 * import { otel } from 'unplugin-otel/sst'
 *
 * export default otel({ serviceName: 'orders' })
 * ```
 */
export function otel(options?: Options): Plugin[] {
  return [{ name: 'unplugin-otel', setup: (build) => connect(build as unknown as Bridge, options) }]
}

export default otel()
export type { Options } from './options.ts'

function connect(bridge: Bridge, options: Options | undefined): void {
  const entries: string[] = []
  let started: { pipeline: Pipeline; resolve: ReturnType<typeof createResolver> } | undefined
  const start = () => {
    if (!started) {
      const pipeline = createPipeline(options, readFacts(entries))
      started = { pipeline, resolve: createResolver(pipeline.project.root) }
    }
    return started.pipeline.options.enabled ? started : undefined
  }
  bridge.onResolve(
    { filter: ANY },
    answering(({ path, kind, resolveDir }) => {
      const { resolve } = start() ?? {}
      if (kind === 'entry-point') {
        const entry = toAbsolute(resolveDir, path)
        // esbuild loads it by its real path.
        const file = normalize(existsSync(entry) ? realpathSync(entry) : entry)
        if (!entries.includes(file)) entries.push(file)
      }
      const file = RESOLVED.test(path) ? resolve?.(path) : undefined
      return file ? { path: file, sideEffects: false } : undefined
    }),
  )
  bridge.onLoad(
    { filter: ANY },
    answering(async ({ path, namespace }) => {
      const { pipeline } = start() ?? {}
      // What cannot be read, esbuild says in its own words.
      const source = namespace === 'file' && pipeline?.includes(path) ? readText(path) : undefined
      if (!pipeline || source === undefined) return undefined
      const output = await pipeline.transform(source, path, IMPORTING)
      say(pipeline)
      return (
        output && {
          contents: `${output.code}\n//# sourceMappingURL=${output.map.toUrl()}`,
          loader: loaderOf(path, 'jsx'),
        }
      )
    }),
  )
}

/** Wrong options, too, are only said here: a module that throws makes the CLI wait for ever. */
function answering<Args>(hook: (args: Args) => Answer | Promise<Answer>): (args: Args) => Promise<Answer> {
  return async (args) => {
    try {
      return await hook(args)
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) }
    }
  }
}

function readFacts(entries: readonly string[]): BundlerFacts {
  // The CLI runs in the folder of sst.config.ts.
  const root = normalize(process.cwd())
  return {
    name: 'esbuild',
    root,
    platform: 'node',
    format: undefined,
    topLevelAwait: true,
    appends: true,
    isEither: true,
    conditions: [],
    entries,
    plugins: [],
    files: readSstConfig(root),
  }
}

/** The CLI shows neither stderr nor warnings; its own logs are in that folder. */
function say({ report, project }: Pipeline): void {
  tell(report.finish(), {
    info: (text) => write(text, project),
    warn: (text) => write(text, project),
    fail(text) {
      write(text, project)
      throw new Error(text)
    },
  })
}

function write(said: string, project: Project): void {
  const text = `${said}\n`
  process.stderr.write(text)
  const folder = join(project.bundler.root, '.sst/log')
  const file = join(folder, 'unplugin-otel.log')
  // Every function and every build of it comes here: only what is new is written.
  if (kindOf(folder) === 'folder' && kindOf(file) !== 'folder' && !readText(file)?.includes(text))
    appendFileSync(file, text)
}
