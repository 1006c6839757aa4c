/**
 * Whether a build's entries are known before it begins: Rolldown reads the filter of a hook then, and resolves entries
 * later. So each has to be a file, and nobody else may lead it elsewhere.
 */
import { dirname, join } from 'pathe'
import { toAbsolute } from './build.ts'
import { kindOf, readText } from './files.ts'

/** As much of a plugin as could lead an entry elsewhere. */
interface Resolver {
  readonly name?: string
  readonly resolveId?: unknown
  readonly options?: unknown
}

/** Parts of Rolldown, which make nothing else of a file that is there. */
const OWN = /^builtin:/
/** Its `options` names no entries. */
const WITHOUT_ENTRIES = ['unplugin-otel', 'vite:define']

/**
 * @param inputs as the bundler has them
 * @param plugins of the build, in any nesting
 * @param aliases what specifiers are replaced by others
 */
export function areKnown(
  inputs: readonly string[],
  root: string,
  plugins: unknown,
  aliases: readonly (string | RegExp)[],
): boolean {
  const others = ([plugins].flat(Infinity) as (Resolver | null | undefined | false)[]).filter(
    (plugin): plugin is Resolver => Boolean(plugin),
  )
  // One that is loaded later.
  if (others.some((plugin) => plugin instanceof Promise)) return false
  if (others.some(({ name = '', options }) => options && !WITHOUT_ENTRIES.includes(name))) return false
  const resolvers = others.filter(({ name = '' }) => name !== 'unplugin-otel' && !OWN.test(name))
  return inputs.every((input) => {
    const path = toAbsolute(root, input)
    return (
      isPlainFile(path) &&
      ![input, path].some((each) => aliases.some((alias) => isMatch(alias, each))) &&
      !resolvers.some(({ resolveId }) => mayResolve(resolveId, input))
    )
  })
}

/**
 * By its whole name: without an extension, or as a folder, it is for the bundler to look for. And no `browser` field
 * gives another file for it: https://github.com/defunctzombie/package-browser-field-spec#replace-specific-files---advanced
 */
function isPlainFile(path: string): boolean {
  if (!/\.[cm]?[jt]sx?$/.test(path) || kindOf(path) !== 'file') return false
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = readText(join(folder, 'package.json'))
    if (manifest !== undefined) return !/"browser"\s*:\s*\{/.test(manifest)
    if (folder === dirname(folder)) return true
  }
}

function isMatch(pattern: string | RegExp, specifier: string): boolean {
  return typeof pattern === 'string' ? specifier.startsWith(pattern.replace(/\$$/, '')) : pattern.test(specifier)
}

/** Only of regular expressions it is said here what they match. */
function mayResolve(hook: unknown, specifier: string): boolean {
  if (!hook) return false
  const { filter } = hook as { readonly filter?: { readonly id?: unknown } }
  const patterns = [filter?.id].flat()
  return patterns.some((pattern) => !(pattern instanceof RegExp) || isMatch(pattern, specifier))
}
