/** What is obsolete in the modules of a project, from its entries on. Synchronous: some bundlers' last hooks are. */
import { dirname, relative, resolve } from 'pathe'
import { ENDINGS, kindOf, readText } from '../files.ts'
import { resolveRelative, specifiersIn } from '../importing.ts'
import { findSources } from '../project-sources.ts'
import type { Project } from '../project.ts'
import { findObsolete, type Obsolete } from './find.ts'
import type { Sources } from './modules.ts'
import { findReached, type Names } from './reach.ts'
import { packages } from './seeds.ts'

/** A project that is larger is looked through so far: this is a hint, and the build should not wait for it. */
const MAX_FILES = 500

/** In UTF-16 code units: what is longer was not written by hand. */
const MAX_LENGTH = 500_000

/**
 * Costs nothing in a project that has none of the packages: no file is read then.
 * @param entries those with wrapped handlers, by their names: absolute or relative to the project's root, with or without extension; globs are skipped
 */
export function obsoleteOf(
  { root, dependencies, bundler }: Pick<Project, 'root' | 'dependencies' | 'bundler'>,
  entries: ReadonlyMap<string, Names>,
): Obsolete[] {
  if (![...dependencies].some((name) => packages.has(name))) return []
  const bases = [root, bundler.root]
  const handlers = new Map<string, Names>()
  for (const [entry, names] of entries) {
    const paths = bases.flatMap((base) => ENDINGS.map((ending) => resolve(base, entry) + ending))
    const file = paths.find((path) => kindOf(path) === 'file')
    if (file !== undefined) handlers.set(file, names)
  }
  const sources = createSources(handlers, dependencies, () => findSources(root))
  const queue = new Set(handlers.keys())
  const found: Obsolete[] = []
  for (const file of queue) {
    const code = sources.read(file)
    if (code === undefined || code.length > MAX_LENGTH) continue
    found.push(...findObsolete(code, relative(root, file), file, sources))
    for (const specifier of specifiersIn(code)) {
      const imported = queue.size < MAX_FILES ? sources.resolve(specifier, file) : undefined
      if (imported !== undefined) queue.add(imported)
    }
  }
  return found
}

/**
 * The project's own files: what is imported by a relative specifier, and outside of node_modules.
 * @param handlers entry → the names of its wrapped handlers
 * @param list all of the project's modules; asked when a finding depends on them
 */
export function createSources(
  handlers: ReadonlyMap<string, Names>,
  dependencies: ReadonlySet<string>,
  list: () => readonly string[],
): Sources {
  const texts = new Map<string, string | undefined>()
  let reached: ReadonlyMap<string, Names> | undefined
  return {
    resolve(specifier, importer) {
      const file = resolveRelative(specifier, importer)
      return file === undefined || isForeign(file) || kindOf(file) !== 'file' ? undefined : file
    },
    read(file) {
      if (!texts.has(file)) texts.set(file, readText(file)?.replace(/^\uFEFF/, ''))
      return texts.get(file)
    },
    handlersOf(file) {
      const { read, resolve } = this
      reached ??= findReached({ handlers, sources: list(), dependencies, read, resolve })
      return reached.get(file)
    },
  }
}

const isForeign = (file: string) => /(^|\/)node_modules(\/|$)/.test(dirname(file))
