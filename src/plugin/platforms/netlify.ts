/** Netlify at build time. The run-time half is `runtime/platforms/netlify.ts`. */
import { basename, dirname, relative, resolve } from 'pathe'
import { parse } from 'smol-toml'
import type * as Runtime from '../../runtime/platforms/netlify.ts'
import { call, definePlatform, detectDependency, exported, property } from '../define-platform.ts'
import type { Project } from '../project.ts'

/** What functions import. */
const SDKS = ['@netlify/functions', '@netlify/edge-functions']
const TOOLS = ['netlify-cli', 'netlify']
/** Of runtimes that are not Netlify's, whatever file is there. */
const OTHER_CONDITIONS = ['workerd', 'edge-light']
const EXTENSIONS = '{ts,js,mts,mjs,cts,cjs,tsx,jsx}'

/**
 * Bundles are what Netlify's own tools read: the names of the default object, `config`, `schedule()`.
 * https://github.com/netlify/build/tree/main/packages/zip-it-and-ship-it/src/runtimes/node/in_source_config
 */
export default definePlatform<typeof Runtime>()({
  id: 'netlify',
  docs: 'https://docs.netlify.com/build/functions/api/',
  hosts: { node: 'netlify', edge: 'netlify' },
  detect(project) {
    const { bundler, dependencies, env } = project
    if (bundler.conditions.some((condition) => OTHER_CONDITIONS.includes(condition))) return undefined
    const { hasFunctions } = readToml(project)
    // Their folders have default names.
    const isImported = hasFunctions === false && SDKS.some((name) => dependencies.has(name))
    if (hasFunctions || isImported) return { signal: 'file', because: 'netlify.toml' }
    const dependency = detectDependency(project, SDKS, TOOLS)
    if (dependency) return dependency
    // A site without functions has one, too, and may have its functions elsewhere.
    if (hasFunctions === false) return { signal: 'ci', because: 'netlify.toml' }
    return env['NETLIFY'] ? { signal: 'ci', because: 'NETLIFY' } : undefined
  },
  // https://docs.netlify.com/build/functions/configuration/#directory
  entries(project) {
    const { functions, edge } = foldersOf(project)
    return [functions, edge].flatMap((folder) => {
      // It may be called `[shop]`.
      const escaped = folder.replace(/[[\]{}]/g, '\\$&')
      return [`${escaped}/*.${EXTENSIONS}`, `${escaped}/*/*.${EXTENSIONS}`]
    })
  },
  target: (file, project) => (isIn(foldersOf(project).edge, file) ? 'edge' : undefined),
  handlers: {
    onRequest: exported((file, project) => (isFunction(file, project) ? ['default'] : []), property('fetch')),
    onEvent: exported(
      (file, project) => (isFunction(file, project) ? ['handler'] : []),
      call('@netlify/functions', { schedule: 1, stream: 0, builder: 0 }),
    ),
  },
})

interface Toml {
  /** Undefined: there is no such file. */
  readonly hasFunctions?: boolean
  readonly functions?: string
  readonly edge?: string
}

/** A broken one is for Netlify's own tools to report. https://docs.netlify.com/build/configure-builds/file-based-configuration/ */
function readToml({ files }: Project): Toml {
  const text = files.get('netlify.toml')
  if (text === undefined) return {}
  try {
    const { build = {}, functions = {}, ...rest } = parse(text) as Record<string, Record<string, unknown> | undefined>
    const directory = functions['directory'] ?? build['functions']
    const edge = build['edge_functions']
    const hasFunctions = [directory, edge, rest['edge_functions']].some(Boolean) || Object.keys(functions).length > 0
    return {
      hasFunctions,
      ...(typeof directory === 'string' && { functions: directory }),
      ...(typeof edge === 'string' && { edge }),
    }
  } catch {
    return { hasFunctions: false }
  }
}

function foldersOf(project: Project): { functions: string; edge: string } {
  const { functions = 'netlify/functions', edge = 'netlify/edge-functions' } = readToml(project)
  const root = project.folders.get('netlify.toml') ?? project.root
  // A path that begins with a slash is relative to the repository as well.
  const toPath = (folder: string) => resolve(root, folder.replace(/^\/+/, ''))
  return { functions: toPath(functions), edge: toPath(edge) }
}

function isIn(folder: string, file: string): boolean {
  return file.startsWith(`${folder}/`)
}

/** In a folder of its own a function is `index`, or called as that; what lies beside it is a part of it. */
function isFunction(file: string, project: Project): boolean {
  const { functions, edge } = foldersOf(project)
  const folder = [functions, edge].find((each) => isIn(each, file))
  if (!folder || !relative(folder, file).includes('/')) return true
  const name = basename(file).replace(/\.\w+$/, '')
  return name === 'index' || name === basename(dirname(file))
}
