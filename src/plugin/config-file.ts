/** `otel.config.ts`, the module of functions: where it is, and what it has. */
import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, normalize, relative } from 'pathe'
import { toAbsolute, type Module } from './build.ts'
import { readConfigKeys, type ConfigKey } from './config-keys.ts'
import { PluginError } from './errors.ts'
import { kindOf, readText } from './files.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import type { Project } from './project.ts'

export interface ConfigFile {
  /** Absolute. */
  readonly file: string
  /** Relative to the project root. */
  readonly path: string
  /** Undefined: only running it would tell. */
  readonly keys: readonly ConfigKey[] | undefined
}

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `otel.config.${extension}`)

/** @throws {PluginError} for a file that is named and is not there */
export function checkConfigFile({ configFile }: ResolvedOptions, { root }: Pick<Project, 'root'>): void {
  if (!configFile || kindOf(toAbsolute(root, configFile)) === 'file') return
  throw new PluginError(
    `otel(): configFile is ${JSON.stringify(configFile)}, and there is no file ${toAbsolute(root, configFile)}`,
    `Write its path from ${root}, or false for none.`,
    'UO150',
  )
}

/**
 * The nearest one, from the module's folder up to the project root; of a module outside of it, that of the root.
 * @param missing gets each place that is looked at in vain
 * @throws {PluginError} for one that cannot be meant
 */
export function findConfigFile(
  { file }: Pick<Module, 'file'>,
  { configFile }: Pick<ResolvedOptions, 'configFile'>,
  { root }: Pick<Project, 'root'>,
  missing: (path: string) => void = () => {},
): ConfigFile | undefined {
  if (configFile === false) return undefined
  const paths = configFile ? [toAbsolute(root, configFile)] : foldersOf(file, root).flatMap(namesIn)
  for (const path of paths) {
    const code = kindOf(path) === 'file' ? readText(path) : undefined
    if (code === undefined) {
      missing(path)
      continue
    }
    const name = relative(root, path)
    return { file: path, path: name, keys: readConfigKeys(name, code) }
  }
  return undefined
}

function namesIn(folder: string): string[] {
  return NAMES.map((name) => join(folder, name))
}

function foldersOf(file: string, root: string): string[] {
  const folders: string[] = []
  const isInside = (folder: string) => folder === root || folder.startsWith(`${root}/`)
  for (let folder = dirname(file); isInside(folder); folder = dirname(folder)) {
    folders.push(folder)
    if (folder === root || folder === dirname(folder)) break
  }
  return folders.length > 0 ? folders : [root]
}

/**
 * How the module imports it: with its extension, which every bundler finds, and not as a package.
 * @param loaded the module as the bundler loads it, which may be where a link leads
 */
export function toSpecifier({ file }: ConfigFile, loaded: string, named: string): string {
  const path = relative(dirname(loaded), loaded === named ? file : normalize(realpathSync(file)))
  return path.startsWith('.') || isAbsolute(path) ? path : `./${path}`
}
