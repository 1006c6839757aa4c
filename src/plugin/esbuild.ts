/** esbuild's configuration → the facts of the pipeline, and the hooks that only esbuild needs. */
import type { BuildOptions, Loader, OnEndResult, Plugin } from 'esbuild'
import { extname, normalize } from 'pathe'
import { createEsbuildPlugin } from 'unplugin'
import { toAbsolute } from './build.ts'
import { createResolver, RESOLVED } from './entry.ts'
import { createPipeline, hooks, type Pipeline } from './index.ts'
import type { Options } from './options.ts'
import type { BundlerFacts } from './project.ts'

/**
 * The plugin for esbuild: put it first in `plugins`, esbuild gives a file to the first plugin that loads it.
 * @throws {PluginError} for options that cannot be meant
 * @example
 * ```ts
 * import { build } from 'esbuild'
 * import otel from 'unplugin-otel/esbuild'
 *
 * await build({
 *   entryPoints: ['src/handler.ts'],
 *   bundle: true,
 *   platform: 'node',
 *   format: 'esm',
 *   outfile: 'dist/index.mjs',
 *   plugins: [otel()],
 * })
 * ```
 */
export default function otel(options?: Options): Plugin {
  return {
    name: 'unplugin-otel',
    setup(build) {
      const { initialOptions } = build
      const pipeline = createPipeline(options, readFacts(initialOptions))
      if (!pipeline.options.enabled) return undefined
      const resolve = createResolver(pipeline.project.root)
      build.onResolve({ filter: RESOLVED }, ({ path }) => {
        const file = resolve(path)
        return file ? { path: file, sideEffects: false } : undefined
      })
      if (pipeline.project.bundler.format === 'cjs' && pipeline.build.platform?.host === 'aws-lambda') {
        initialOptions.footer = { ...initialOptions.footer, js: (initialOptions.footer?.['js'] ?? '') + CJS_FOOTER }
      }
      build.onEnd(() => finish(pipeline, initialOptions))
      return createEsbuildPlugin(() => ({
        ...hooks(pipeline),
        esbuild: {
          onLoadFilter: toFilter(pipeline),
          loader: (_code, id) => initialOptions.loader?.[extname(id)] ?? toLoader(id),
        },
      }))().setup(build)
    },
  }
}

export type { Options } from './options.ts'
export { otel as 'module.exports' }

/**
 * The runtime client reaches its first event within the microtasks after a CommonJS module was loaded,
 * too soon for a registration. It awaits `import()` of the module, and a namespace with `then` is waited
 * for: so `then` is there while a registration is pending, and only then. The dead assignment is what
 * cjs-module-lexer needs to see. https://github.com/nodejs/cjs-module-lexer#exports-object-assignment
 */
const CJS_FOOTER = `
;{const p=globalThis[Symbol.for("unplugin-otel.v1")]?.registration,e=module.exports;if(p&&Object.isExtensible(e)&&!("then"in e))Object.defineProperty(e,"then",{configurable:true,value(f){delete e.then;p.then(()=>f(Object.create(e,{default:{value:e}})))}})}
0&&(exports.then=0);`

function readFacts(options: BuildOptions): BundlerFacts {
  const root = normalize(options.absWorkingDir ?? process.cwd())
  const platform = options.platform ?? 'browser'
  const { entryPoints = [] } = options
  const entries = Array.isArray(entryPoints)
    ? entryPoints.map((entry) => (typeof entry === 'string' ? entry : entry.in))
    : Object.values(entryPoints)
  return {
    name: 'esbuild',
    root,
    platform,
    // https://esbuild.github.io/api/#format
    format:
      options.format ??
      (options.bundle ? ({ browser: 'iife', node: 'cjs', neutral: 'esm' } as const)[platform] : undefined),
    topLevelAwait: canAwait(options),
    conditions: options.conditions ?? [],
    entries: entries.map((entry) => normalize(toAbsolute(root, entry))),
  }
}

/** esbuild refuses top-level await below es2022 and node14.8. https://esbuild.github.io/content-types/#javascript */
function canAwait({ target = [], supported }: BuildOptions): boolean {
  if (supported?.['top-level-await'] !== undefined) return supported['top-level-await']
  return [target].flat().every((entry) => {
    const [, name, version] = /^(es|node)(\d+(?:\.\d+)?)/.exec(entry) ?? []
    if (name === 'es') return Number(version) >= 2022 || (Number(version) >= 13 && Number(version) < 100)
    return name !== 'node' || Number(version?.split('.')[0]) >= 16
  })
}

/** A Go regular expression that matches the modules the transform may touch, and as little else as possible. */
function toFilter({ options, project }: Pipeline): RegExp {
  const { entries } = project.bundler
  if (options.include.length > 0 || entries.some((entry) => entry.includes('*'))) return /\.[cm]?[jt]sx?$/
  const paths = entries.map((entry) => entry.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '[\\\\/]'))
  return new RegExp(`^(${paths.join('|')})(\\.[cm]?[jt]sx?)?$`)
}

function toLoader(id: string): Loader {
  const extension = extname(id)
  if (extension === '.tsx' || extension === '.jsx') return extension.slice(1) as Loader
  return /^\.[cm]?ts$/.test(extension) ? 'ts' : 'js'
}

function finish({ report, options }: Pipeline, { logLevel }: BuildOptions): OnEndResult {
  const { summary, warning } = report.finish()
  // esbuild's plugins can warn and fail but not inform; stdout belongs to the user.
  if (options.report && logLevel !== 'silent' && !warning) process.stderr.write(`${summary}\n`)
  return warning ? { warnings: [{ text: warning, detail: summary }] } : {}
}
