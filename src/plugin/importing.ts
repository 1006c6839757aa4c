/** How each bundler of the family resolves an import while it transforms a module. */
import { existsSync } from 'node:fs'
import type { NativeBuildContext, UnpluginBuildContext } from 'unplugin'
import { dirname, extname, resolve as join } from 'pathe'
import { modulePaths } from './files.ts'
import type { Importing } from './module-graph.ts'

type Resolve = Importing['resolve']

/** The `this` of a transform hook of Rollup, Rolldown and Vite. */
interface RollupContext {
  resolve(specifier: string, importer: string, options: object): Promise<{ readonly id: string } | null>
}
/** webpack's loader context; Rspack and Turbopack have the same. https://webpack.js.org/api/loaders/#thisgetresolve */
export interface LoaderResolving {
  getResolve?(options: object): (folder: string, specifier: string) => Promise<string | false | undefined>
}

/**
 * @param context the `this` of a transform hook
 * @returns undefined for Farm 1.7.11: a name that a module exports by itself and by a star, it exports twice
 */
export function createImporting(context: unknown): Importing | undefined {
  const { addWatchFile } = context as UnpluginBuildContext
  const native = (context as UnpluginBuildContext).getNativeBuildContext?.()
  if (native?.framework === 'farm') return undefined
  const resolve = native ? nativeResolve(native) : rollupResolve(context as RollupContext)
  const watch = (file: string) => addWatchFile.call(context, file)
  return { resolve, watch, watchMissing: native ? missingWatcher(native, watch) : watch }
}

/** What is not there webpack would see as removed, again and again. https://webpack.js.org/api/loaders/#thisaddmissingdependency */
function missingWatcher(native: NativeBuildContext, watch: Importing['watch']): Importing['watch'] {
  if (native.framework !== 'webpack' && native.framework !== 'rspack') return watch
  const loader = native.loaderContext as unknown as { addMissingDependency?(file: string): void } | undefined
  return (file) => loader?.addMissingDependency?.(file)
}

/**
 * @rollup/plugin-commonjs loads what it resolves, but for what is required: in a circle it would wait for the very
 * module that waits for us. Of an alias that is not known, so nobody waits longer than that.
 */
const REQUIRED = { custom: { 'node-resolve': { isRequire: true } } }
const PATIENCE_MS = 5000

function rollupResolve(context: RollupContext): Resolve {
  return async (specifier, importer) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, undefined)))
    const options = specifier.startsWith('.') ? REQUIRED : {}
    const resolved = await Promise.race([context.resolve(specifier, importer, options), late])
    clearTimeout(timer)
    return resolved?.id
  }
}

function nativeResolve(native: NativeBuildContext): Resolve {
  if (native.framework === 'esbuild') {
    return async (specifier, importer) => {
      const { path, errors } = await native.build.resolve(specifier, {
        importer,
        resolveDir: dirname(importer),
        kind: 'import-statement',
      })
      return errors.length > 0 ? undefined : path
    }
  }
  if (native.framework === 'webpack' || native.framework === 'rspack') {
    return loaderResolve(native.loaderContext as unknown as LoaderResolving)
  }
  const { Bun } = globalThis as { Bun?: { resolveSync(specifier: string, folder: string): string } }
  return Bun ? async (specifier, importer) => Bun.resolveSync(specifier, dirname(importer)) : relativeResolve
}

export function loaderResolve(loader: LoaderResolving): Resolve {
  const resolve = loader.getResolve?.({ dependencyType: 'esm' })
  if (!resolve) return relativeResolve
  return async (specifier, importer) => (await resolve(dirname(importer), specifier)) || undefined
}

/** For hosts that do not tell how they resolve. */
export const relativeResolve: Resolve = async (specifier, importer) => resolveRelative(specifier, importer)

/** @returns the file of a relative specifier, also `./a.ts` for `./a.js`; undefined for others */
export function resolveRelative(specifier: string, importer: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const path = join(dirname(importer), specifier)
  const source = path.slice(0, path.length - extname(path).length) + extname(path).replace('j', 't')
  return [...modulePaths(path), source].find((file) => extname(file) && existsSync(file))
}

const SPECIFIER = /\b(?:from|import|require)\s*\(?\s*(['"])([^'"\n]+)\1/g

/** Of all that a module imports, re-exports or requires by a literal; what comments and strings have is among them. */
export function specifiersIn(code: string): Set<string> {
  return new Set(Array.from(code.matchAll(SPECIFIER), ([, , specifier]) => specifier!))
}
