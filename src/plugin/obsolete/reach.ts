/** Which modules run in wrapped handlers only: those that nothing else of the project imports. */
import { basename, dirname, resolve } from 'pathe'
import { resolveRelative, specifiersIn } from '../importing.ts'

/** The names of a module's exports that are wrapped. */
export type Names = Pick<ReadonlySet<string>, 'has'>

export interface Reached {
  /** Entry → the names of its wrapped handlers. */
  readonly handlers: ReadonlyMap<string, Names>
  /** All of the project's modules, which others may run: a script, a server, pages. */
  readonly sources: readonly string[]
  readonly dependencies: ReadonlySet<string>
  read(file: string): string | undefined
  resolve(specifier: string, importer: string): string | undefined
}

/** Who has more than that has other importers than can be looked for while a build waits. */
const MAX_SOURCES = 5000

const NONE: Names = new Set()

/** @returns the modules that run in wrapped handlers only, each with the names of those that it exports */
export function findReached({ handlers, sources, dependencies, read, resolve }: Reached): ReadonlyMap<string, Names> {
  if (handlers.size === 0 || sources.length > MAX_SOURCES) return new Map()
  const importsOf = (file: string) =>
    [...specifiersIn(read(file) ?? '')].flatMap((specifier) => resolve(specifier, file) ?? [])
  const own = close(handlers.keys(), importsOf)
  const known = new Set(sources)
  const shared = new Set<string>()
  for (const source of sources) {
    const code = own.has(source) ? undefined : read(source)
    if (code === undefined) continue
    for (const file of importsOf(source)) shared.add(file)
    for (const file of pathsIn(code, source)) if (!handlers.has(file)) shared.add(file)
    for (const specifier of specifiersIn(code)) {
      if (isAlias(specifier, dependencies)) for (const file of own) if (isNamed(file, specifier)) shared.add(file)
    }
  }
  const left = close(shared, importsOf)
  const reached = [...own].filter((file) => known.has(file) && !left.has(file))
  return new Map(reached.map((file) => [file, handlers.get(file) ?? NONE]))
}

function close(from: Iterable<string>, importsOf: (file: string) => readonly string[]): Set<string> {
  const files = new Set(from)
  // It grows meanwhile.
  for (const file of files) for (const imported of importsOf(file)) files.add(imported)
  return files
}

/** A worker's, a child process's, an entry of another build: a build names handlers in the same way. */
function pathsIn(code: string, source: string): string[] {
  return Array.from(code.matchAll(/(['"`])(\.{1,2}\/[^'"`\n]+)\1/g)).flatMap(
    ([, , path]) => resolveRelative(path!, source) ?? [],
  )
}

/** `@/job`, `~/job`, `src/job`: what it leads to is for a bundler's or TypeScript's configuration to say. */
function isAlias(specifier: string, dependencies: ReadonlySet<string>): boolean {
  if (specifier.startsWith('.') || /^(node|cloudflare|bun):/.test(specifier)) return false
  const [scope = '', name = ''] = specifier.split('/')
  return !dependencies.has(scope) && !dependencies.has(`${scope}/${name}`)
}

/** By its name alone, or by that of its folder. */
function isNamed(file: string, specifier: string): boolean {
  const [own, asked] = [file, specifier].map((path) => path.replace(/\.[cm]?[jt]sx?$/, ''))
  const name = basename(resolve('/', asked!))
  return basename(own!) === name || (basename(own!) === 'index' && basename(dirname(own!)) === name)
}

/** @returns path → the names of the handlers in it */
export function namesByPath(handlers: Iterable<{ readonly path: string; readonly name: string }>): Map<string, Names> {
  const names = new Map<string, Set<string>>()
  for (const { path, name } of handlers) names.set(path, (names.get(path) ?? new Set()).add(name))
  return names
}
