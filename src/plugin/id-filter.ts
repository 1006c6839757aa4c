/** What bundlers are told to ask JavaScript about: every other module stays in Go or in Rust. */
import { CLIENT_MODULE } from './aws-sdk.ts'
import type { Pipeline } from './index.ts'

/** Where entries are globs, or told one by one. */
export const ANY_CODE = /\.[cm]?[jt]sx?(?:[?#]|$)/
const NOTHING = /^$/

/**
 * A regular expression, also of Go and of Rust, that matches the modules the transform may touch, and as little else as
 * possible.
 */
export function toFilter({
  options,
  build: { entries, platform, target },
  project: { links },
}: Pick<Pipeline, 'options' | 'build' | 'project'>): RegExp {
  if (!options.enabled || !platform || !target) return NOTHING
  if (options.include.length > 0 || entries.some((entry) => /[*{]/.test(entry))) return ANY_CODE
  const paths = new Set(entries.flatMap((entry) => [entry, ...realPaths(entry, links)]))
  const source = `^(${Array.from(paths, toSource).join('|')})([\\\\/]index)?(\\.[cm]?[jt]sx?)?(?:[?#]|$)`
  return new RegExp(options.libraries.includes('aws-sdk') ? `${source}|${CLIENT_MODULE.source}` : source)
}

/** What `namedPath` makes this entry of. */
function realPaths(entry: string, links: Pipeline['project']['links']): string[] {
  return Array.from(links).flatMap(([real, named]) => {
    // An entry may be written without its extension.
    if (named.startsWith(entry)) return [real]
    return entry.startsWith(`${named}/`) ? [real + entry.slice(named.length)] : []
  })
}

function toSource(path: string): string {
  const source = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('/', '[\\\\/]')
  // A drive of Windows is `c:` in some terminals, and `\\?\C:` where paths are long.
  return source.replace(/^[A-Z](?=:)/, (drive) => `(?:\\\\\\\\\\?\\\\)?[${drive}${drive.toLowerCase()}]`)
}

/** What a bundler asks before it calls into JavaScript. Where it reads that late, adapters put in what they know by then. */
export interface Filter {
  id: RegExp | RegExp[]
  readonly code: RegExp
}

/** Handlers are exported, or given to something that is imported, or global. */
export function createFilter(id: Filter['id'] = ANY_CODE): Filter {
  return { id, code: /\b(?:exports?|import|require|addEventListener)\b/ }
}
