/**
 * Where imports of a registering package lead: the user's to a file of ours that stands in for it, that file's own to
 * what the user's would have been. So it is looked up from the user's module, and stays external if it would have.
 */
import { isAbsolute, normalize } from 'pathe'
import type { Platform } from './define-platform.ts'
import { createResolver, isRuntime, RESOLVED } from './entry.ts'
import type { Pipeline } from './index.ts'
import { platforms } from './known-platforms.ts'

/** An import as a bundler tells of it. `how` is whatever else that bundler's own resolver wants to know. */
export interface Import<How = unknown> {
  readonly importer: string
  readonly how: How
}

export type Resolution<How> =
  | { readonly file: string }
  /** Resolve the specifier as this import would be. */
  | { readonly as: Import<How> }

export interface Redirects<How> {
  /** What `resolve` may find something for: a bundler in Go takes 20 µs an import to ask about every platform's. */
  readonly caught: RegExp
  /** Whether it matters who imports; if not, a specifier that `RESOLVED` matches is all that is caught. */
  readonly isByImporter: boolean
  /** Undefined: not one of ours, the bundler goes on as without us. */
  resolve(specifier: string, importer: string | undefined, how: How): Resolution<How> | undefined
  /** Whether `resolve` finds a file, or found this one, and the user's list of externals has no say. */
  isOurs(specifier: string, importer: string | undefined): boolean
}

/** @param isLost whether the bundler cannot write what imports that file in the place of a specifier */
export function createRedirects<How = undefined>(
  { project, build: { platform }, report }: Pick<Pipeline, 'project' | 'build' | 'report'>,
  isLost: (specifier: string, file: string) => boolean = () => false,
): Redirects<How> {
  const find = createResolver(project.root)
  const redirects = new Map(redirectsOf(platform))
  const imports = new Set(specifiersOf(platform))
  // Of each file of ours, the user's import that led to it, and the last one for what is shared between them.
  const asked = new Map<string, Import<How>>()
  let last: Import<How> | undefined
  const redirected = (specifier: string, importer: string | undefined) =>
    isOwn(importer) ? undefined : redirects.get(specifier)
  // Rollup asks again with what was resolved, which `external: /node_modules/` would take.
  const isFileOfOurs = (specifier: string, importer: string | undefined): boolean => {
    if (specifier.startsWith('.'))
      return importer !== undefined && isAbsolute(importer) && isFileOfOurs(importer, undefined)
    if (!isAbsolute(specifier)) return false
    return isOwn(specifier) || normalize(specifier).startsWith(folderOf(find('@opentelemetry/api')!))
  }
  return {
    caught: toCaught([...imports]),
    isByImporter: imports.size > 0,
    isOurs: (specifier, importer) =>
      RESOLVED.test(specifier) || isFileOfOurs(specifier, importer) || redirected(specifier, importer) !== undefined,
    resolve(specifier, importer, how) {
      if (imports.has(specifier) && isOwn(importer)) {
        const as = asked.get(normalize(importer)) ?? last
        return as && { as }
      }
      const name = redirected(specifier, importer)
      if (name === undefined && !RESOLVED.test(specifier)) return undefined
      const file = find(name === undefined ? specifier : `${INSTALLERS}${name}`)
      if (!file || (name !== undefined && isLost(specifier, file))) return undefined
      if (name !== undefined) report.redirect()
      if (importer && !isOwn(importer) && (name !== undefined || specifier.startsWith(INSTALLERS))) {
        last = { importer, how }
        const key = normalize(file)
        if (name !== undefined || !asked.has(key)) asked.set(key, last)
      }
      return { file }
    },
  }
}

/** The whole package's: it has many files. */
function folderOf(api: string): string {
  const name = '/@opentelemetry/api/'
  const file = normalize(api)
  const at = file.lastIndexOf(name)
  return at === -1 ? file : file.slice(0, at + name.length)
}

const INSTALLERS = 'unplugin-otel/runtime/installers/'

/** Another copy of the plugin has files of its own. Some bundlers have null for an entry. */
function isOwn(importer: string | null | undefined): importer is string {
  return Boolean(importer) && (isRuntime(importer!) || /\/unplugin-otel\/dist\/runtime\//.test(normalize(importer!)))
}

function redirectsOf(platform: Platform | undefined): [specifier: string, file: string][] {
  return Object.values(platform?.installers ?? {}).flatMap(({ redirects = {} }) => Object.entries(redirects))
}

function specifiersOf(platform: Platform | undefined): string[] {
  const imports = Object.values(platform?.installers ?? {}).flatMap(({ imports = [] }) => imports)
  return [...imports, ...redirectsOf(platform).map(([specifier]) => specifier)]
}

/** What the narrow resolve has to catch, for whichever platform. */
export const CAUGHT = toCaught(platforms.flatMap(specifiersOf))

function toCaught(specifiers: readonly string[]): RegExp {
  const escaped = specifiers.map((name) => `^${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
  return new RegExp([RESOLVED.source, ...escaped].join('|'))
}
