/**
 * Whether a build's entries are known before it begins: Rolldown reads the filter of a hook then, and resolves entries
 * later. So each has to be a file, and nobody else may lead it elsewhere.
 */
import { kindOf } from './files.ts'
import { toAbsolute } from './build.ts'
import { ENDINGS } from './links.ts'

/** As much of a plugin as could lead an entry elsewhere. */
interface Resolver {
  readonly name?: string
  readonly resolveId?: unknown
  readonly options?: unknown
}

/** What bundlers bring themselves; of a file that is there, Vite's make nothing else. */
const OWN = /^(builtin|vite):/

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
    (plugin): plugin is Resolver => Boolean(plugin) && plugin !== null && !isOurs(plugin as Resolver),
  )
  // One that is loaded later.
  if (others.some((plugin) => plugin instanceof Promise)) return false
  const strangers = others.filter(({ name = '' }) => !OWN.test(name))
  // They may have named other entries.
  if (strangers.some(({ options }) => options)) return false
  return inputs.every((input) => {
    const path = toAbsolute(root, input)
    return (
      isFile(path) &&
      ![input, path].some((each) => aliases.some((alias) => isMatch(alias, each))) &&
      !strangers.some(({ resolveId }) => mayResolve(resolveId, input))
    )
  })
}

function isOurs({ name }: Resolver): boolean {
  return name === 'unplugin-otel'
}

function isFile(path: string): boolean {
  return ['', '/index'].some((index) => ENDINGS.some((ending) => kindOf(path + index + ending) === 'file'))
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
