/** Of each module, the project that it is built in: which handlers that has, and what else is in it. */
import { dirname, join } from 'pathe'
import { PluginError } from '../plugin/errors.ts'
import type { Sources } from '../plugin/obsolete/modules.ts'
import { createSources } from '../plugin/obsolete/project.ts'
import { namesByPath, type Names } from '../plugin/obsolete/reach.ts'
import { findSources } from '../plugin/project-sources.ts'
import type { Project } from '../plugin/project.ts'
import { analyse } from './explain/analysis.ts'
import { writtenIn } from './explain/options.ts'
import { findRoot, type Root } from './explain/root.ts'

/** @param folder what is in it may import a module as well, of whatever project that is */
export function createFinder(folder: string, env: Project['env']): (file: string) => Promise<Sources> {
  const folders = new Map<string, Root>()
  const found = new Map<string, Promise<Sources>>()
  return (file) => {
    const at = dirname(file)
    const root = folders.get(at) ?? findRoot(at)
    folders.set(at, root)
    const sources = found.get(root.folder) ?? read(root, folder, env)
    found.set(root.folder, sources)
    return sources
  }
}

async function read(root: Root, folder: string, env: Project['env']): Promise<Sources> {
  const { handlers, dependencies } = await findHandlers(root, env)
  return createSources(handlers, dependencies, () => [
    ...new Set([...findSources(root.folder), ...findSources(folder)]),
  ])
}

interface Handlers {
  /** Absolute path → the names of the handlers that the module exports. */
  readonly handlers: ReadonlyMap<string, Names>
  readonly dependencies: ReadonlySet<string>
}

async function findHandlers(root: Root, env: Project['env']): Promise<Handlers> {
  try {
    const { pipeline, report } = await analyse(writtenIn(root).options, root, [], env)
    const { project } = pipeline
    const absolute = report.handlers.map(({ path, name }) => ({ path: join(project.root, path), name }))
    return { handlers: namesByPath(absolute), dependencies: project.dependencies }
  } catch (error) {
    // Options that cannot be meant are for the build and for `explain` to name: no handler is known then.
    if (!(error instanceof PluginError)) throw error
    return { handlers: new Map(), dependencies: new Set() }
  }
}
