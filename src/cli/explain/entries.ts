/** The modules whose exports are handlers, where no bundler tells: those that are named, or the usual ones. */
import { basename, join, relative, resolve } from 'pathe'
import { findBundled } from '../../plugin/emitted.ts'
import { kindOf, modulePaths, readText } from '../../plugin/files.ts'
import { findModules } from '../../plugin/next-report.ts'
import { handlerStrings } from '../../plugin/platforms/aws-lambda.ts'
import type { Pipeline } from '../../plugin/index.ts'
import type { Project } from '../../plugin/project.ts'
import { UsageError } from '../args.ts'
import { findSources } from '../../plugin/project-sources.ts'

const USUAL = ['handler', 'worker', 'index', 'app', 'main', 'function'].flatMap((name) => [`src/${name}`, name])
/** What a build made, and not what it was made from. */
const BUILT = /(^|\/)(node_modules|dist|build|out|\.[^/]+|cdk\.out)\//

/** @returns absolute paths of the modules that the command line names */
export function resolveEntries(args: readonly string[], folder: string): string[] {
  return args.map((name) => {
    const file = findFile(resolve(folder, name))
    if (!file)
      throw new UsageError(`'${name}' is no file`, 'Name modules, for example: unplugin-otel explain src/handler.ts')
    return file
  })
}

/** @returns the modules that a build of this project reads: those that its entries, also as globs, lead to */
export function findEntries({ build, options, project, includes }: Pipeline): string[] {
  const named = options.include.map((glob) => join(project.root, glob))
  const files = (named.length > 0 ? named : build.entries).flatMap((entry) => {
    const file = isGlob(entry) ? undefined : findFile(unescape(entry))
    if (file || !isGlob(entry)) return file ?? []
    if (build.platform?.id === 'nextjs') return findModules(project.bundler.root)
    return findSources(baseOf(entry)).filter((source) => findBundled(readText(source) ?? '') === undefined)
  })
  return [...new Set(files)].filter((file) => kindOf(file) === 'file' && includes(file))
}

/** Whether entries are named that may be missing: in a folder whatever is there is one, and may be what a build made. */
export function namesFiles({ build, options }: Pipeline): boolean {
  return options.include.length > 0 || build.entries.some((entry) => !isGlob(entry))
}

/** Nobody has named any: what a deploy file calls, else the first of the usual names. */
export function guessEntries(project: Project): string[] {
  const named = [...new Set(handlerFiles(project))]
  if (named.length > 0) return named
  const found = USUAL.map((name) => findFile(join(project.root, name))).find(Boolean) ?? mainOf(project.root)
  return found ? [found] : []
}

/** `handler: src/app.run` is relative to its file, or to what a `CodeUri` names. */
function handlerFiles(project: Project): string[] {
  const walked = new Map<string, readonly string[]>()
  return handlerStrings(project).flatMap(({ file, path }) => {
    const folder = project.folders.get(file) ?? project.root
    const text = project.files.get(file) ?? ''
    const uris = Array.from(text.matchAll(/\bCodeUri['"]?\s*:\s*['"]?([\w./@-]+)/g), ([, uri]) => join(folder, uri!))
    const found = [folder, ...uris].map((from) => findFile(join(from, path)))
    const own = found.find((each) => each && !isBuilt(each, folder))
    if (own) return own
    if (!walked.has(folder)) walked.set(folder, findSources(folder))
    return findSource(path, walked.get(folder)!) ?? []
  })
}

/** What is deployed is what a build made: its source is in another folder, if it has its name. */
function findSource(path: string, sources: readonly string[]): string | undefined {
  const named = (name: string) => sources.filter((file) => file.replace(/\.\w+$/, '').endsWith(`/${name}`))
  const [same] = named(path.replace(/^\.?\/+/, ''))
  const [moved, ...others] = named(basename(path))
  return same ?? (others.length === 0 ? moved : undefined)
}

function mainOf(root: string): string | undefined {
  try {
    const { module, main } = JSON.parse(readText(join(root, 'package.json')) ?? '{}')
    return [module, main]
      .flatMap((name) => (typeof name === 'string' ? (findFile(join(root, name)) ?? []) : []))
      .find((file) => !isBuilt(file, root))
  } catch {
    return undefined
  }
}

/** It may be named without its extension, or be the index of a folder. */
function findFile(path: string): string | undefined {
  return modulePaths(path).find((file) => /\.\w+$/.test(file) && kindOf(file) === 'file')
}

function isBuilt(file: string, folder: string): boolean {
  return BUILT.test(`/${relative(folder, file)}`)
}

const GLOB = /(?<!\\)[*?{[]/

function isGlob(entry: string): boolean {
  return GLOB.test(entry)
}

/** The folder that all of its matches are in. */
function baseOf(glob: string): string {
  return unescape(glob.slice(0, GLOB.exec(glob)!.index).replace(/[^/]*$/, ''))
}

function unescape(path: string): string {
  return path.replace(/\\([[\]{}*?])/g, '$1')
}
