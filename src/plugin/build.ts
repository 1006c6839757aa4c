/** (options, project) → what this build is for, with the reason kept. */
import { isAbsolute, matchesGlob, normalize, relative, resolve } from 'pathe'
import type { Target } from '../contract.ts'
import type { Context, Detection, Platform, Signal } from './define-platform.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { Project } from './project.ts'
import { platforms } from './known-platforms.ts'
import { namedPath } from './links.ts'
import { toFile } from './module-id.ts'

export interface Build {
  readonly platform: Platform | undefined
  readonly target: Target | undefined
  readonly because: string
  /** All that name a platform, the strongest first; `isTie`: as strong as the first. */
  readonly detected: readonly Detected[]
  readonly context: { readonly context: Context; readonly because: string } | undefined
  /** Absolute paths or globs of the modules whose exports are handlers. */
  readonly entries: readonly string[]
  /** Undefined: the module is not one whose exports are handlers. */
  of(id: string | undefined): Module | undefined
}

export interface Detected extends Detection {
  readonly platform: Platform
  readonly isTie: boolean
}

/** What the transform needs to know of one module. */
export interface Module {
  /** Absolute path. */
  readonly file: string
  /** Relative to the project root. */
  readonly path: string
  readonly platform: Platform
  readonly host: string
  readonly target: Target
  readonly format: 'esm' | 'cjs' | 'iife' | undefined
  readonly topLevelAwait: boolean
}

/** Conditions of runtimes other than Node, which a deploy file for Node beside them does not overrule. */
const EDGE_CONDITIONS = new Set(['workerd', 'worker', 'edge-light', 'deno', 'netlify'])

const SIGNALS: readonly Signal[] = ['bundler', 'file', 'dependency', 'ci', 'server']

export function resolveBuild(options: ResolvedOptions, project: Project): Build {
  const detected = detectAll(project)
  const { platform, because } = resolvePlatform(options, project, detected)
  const isAsked = options.target !== 'auto'
  const target = isAsked ? options.target : platform && targetOf(platform, project)
  const named = platform?.entries?.(project) ?? []
  return {
    platform,
    target,
    detected,
    // Some bundlers tell their entries one by one.
    get entries() {
      return [...project.bundler.entries, ...named]
    },
    context: platform?.context?.(project),
    because: isAsked ? `${because}; target: '${options.target}' in otel()` : because,
    of(id) {
      const loaded = toFile(id)
      if (!platform || !target || loaded === undefined) return undefined
      const file = namedPath(loaded, project.links) ?? loaded
      const isWanted = [file, loaded].some((path) => isEntry(path, this.entries, options, project))
      if (!isWanted || isExcluded(file, options, project)) return undefined
      const { format, topLevelAwait } = project.bundler
      const own = isAsked ? target : (platform.target?.(file, project) ?? target)
      return {
        file,
        path: relative(project.root, file),
        platform,
        host: platform.hosts[own] ?? Object.values(platform.hosts)[0]!,
        target: own,
        format,
        topLevelAwait,
      }
    },
  }
}

function edgeCondition({ bundler }: Project): string | undefined {
  return bundler.conditions.find((condition) => EDGE_CONDITIONS.has(condition))
}

/** Its only one; of several, what the bundler resolves for. */
function targetOf({ hosts }: Platform, project: Project): Target {
  const targets = Object.keys(hosts) as Target[]
  return targets.length > 1 && edgeCondition(project) ? 'edge' : targets[0]!
}

function resolvePlatform(
  options: ResolvedOptions,
  project: Project,
  [best]: readonly Detected[],
): { platform: Platform | undefined; because: string } {
  if (options.platform !== 'auto') {
    const platform = platforms.find(({ id }) => id === options.platform)
    return { platform, because: `platform: '${options.platform}' in otel()` }
  }
  const edge = edgeCondition(project)
  if (isForBrowsers(project)) return { platform: undefined, because: `${project.bundler.name} builds for the browser` }
  if (best) return { platform: best.platform, because: best.because }
  return {
    platform: undefined,
    because: edge
      ? `${project.bundler.name} resolves for '${edge}', which is not supported`
      : 'no deploy file, dependency or CI variable names a platform',
  }
}

export function isForBrowsers(project: Project): boolean {
  return project.bundler.platform === 'browser' && edgeCondition(project) === undefined
}

function detectAll(project: Project): Detected[] {
  const edge = edgeCondition(project)
  // Of the deploy files above a package in a monorepo, the nearest is its own: its folder has the longest path.
  const depthOf = ({ because }: Detection) => project.folders.get(because)?.length ?? 0
  const compare = (a: Detection, b: Detection) => rankOf(a) - rankOf(b) || depthOf(b) - depthOf(a)
  const found = platforms
    .filter(({ hosts }) => !edge || hosts.edge)
    .flatMap((platform) => {
      const detection = platform.detect(project)
      return detection ? [{ platform, ...detection }] : []
    })
    .toSorted(compare)
  return found.map((each) => ({ ...each, isTie: each !== found[0] && compare(found[0]!, each) === 0 }))
}

/** Of several dependencies, a platform's SDK says more than the command line or the types of another one. */
function rankOf({ signal, isSdk }: Detection): number {
  return SIGNALS.indexOf(signal) * 2 + (isSdk ? 0 : 1)
}

function isExcluded(file: string, { exclude }: ResolvedOptions, { root }: Project): boolean {
  return exclude.some((glob) => matches(relative(root, file), glob))
}

/** Entries, or what `include` names. */
function isEntry(file: string, entries: readonly string[], options: ResolvedOptions, project: Project): boolean {
  if (options.include.length > 0) {
    // What is not a file may have a name that looks like one.
    return isAbsolute(file) && options.include.some((glob) => matches(relative(project.root, file), glob))
  }
  return entries.some((entry) => isSameModule(file, entry))
}

/** An entry may be written without its extension, as a folder with an index, or as a glob. */
export function isSameModule(file: string, entry: string): boolean {
  const bare = file.replace(/\.[^./]+$/, '')
  return [file, bare, bare.replace(/\/index$/, '')].includes(entry) || (/[*{]/.test(entry) && matchesGlob(file, entry))
}

/** A user's glob may begin with `./`, or have the separators of Windows. */
function matches(path: string, glob: string): boolean {
  return matchesGlob(path, normalize(glob))
}

/** The names that the `handlers` option gives this file. */
export function optionNames(module: Module, options: ResolvedOptions): readonly string[] | undefined {
  const names = Object.entries(options.handlers)
    .filter(([glob]) => glob === '**' || matches(module.path, glob))
    .flatMap(([, list]) => list)
  return names.length > 0 ? names : undefined
}

export function toAbsolute(root: string, path: string): string {
  return isAbsolute(path) ? path : resolve(root, path)
}
