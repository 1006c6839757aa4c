/** What the bundlers of the family are asked for, in one form for all of them. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Options } from 'unplugin-otel/rollup'

/** Every package stays outside of the output, as people who deploy `node_modules` have it; or none does. */
export interface Build {
  readonly bundled?: boolean
  /** The project's folder; `process.cwd()`, too, for those that take it from there. */
  readonly root: string
  /** Name in the output → file, absolute. */
  readonly entries: Readonly<Record<string, string>>
  readonly outdir: string
  readonly format: 'esm' | 'cjs'
  /** `false`: the same build without the plugin. */
  readonly otel: Options | false
  /** How often a configuration has the plugin. @default 1 */
  readonly copies?: number
  /** In a file beside each output. */
  readonly sourcemap?: boolean
  /** Where a persistent cache is, for the bundlers that have one. */
  readonly cache?: string
  readonly minify?: boolean
  /**
   * A step after the plugin takes the code of entries away, or writes strings as obfuscators do, or one before it keeps
   * the runtime outside.
   */
  readonly broken?: 'stripped' | 'encoded' | 'external'
  /** A module is what it is named by, not what a link leads to. */
  readonly preserveSymlinks?: boolean
}

/** @returns the warnings */
export type Bundler = (build: Build) => Promise<string[]>

export const repository = path.resolve(import.meta.dirname, '../..')
export const projects = path.join(repository, 'test/projects')

// Types are checked before the project is installed.
// oxlint-disable-next-line typescript/no-explicit-any
export const installed = (): Promise<any> => import(pathToFileURL(path.join(projects, 'bundlers/index.js')).href)

/** Modules of platforms, in nobody's node_modules. */
export const ofPlatforms: readonly string[] = ['cloudflare:workers', '@azure/functions-core']

/** The function's own files, and the plugin's. */
export const isPackage = (id: string): boolean =>
  !/^[./]|^unplugin-otel\/(runtime\/|config$)/.test(id) && !path.isAbsolute(id)

/** What is left of an entry. */
export const strippedOf = ({ format }: Build): string =>
  format === 'esm' ? 'export const handler = 1\n' : 'exports.handler = 1\n'

/** The same string for a program, but not for who searches. */
export const encoded = (code: string): string => code.replaceAll('unplugin-otel.v1', '\\x75nplugin-otel.v1')

export const isRuntime = (id: string): boolean => id.startsWith('unplugin-otel/runtime')

export const extensionOf = ({ format }: Build): string => (format === 'esm' ? 'mjs' : 'cjs')

/** Under Vitest the plugin is off by itself. */
export const optionsOf = ({ otel }: Build): Options | false => otel && { enabled: true, ...otel }

/** As many of the plugin as the build has. */
export function pluginsOf<Plugin>(build: Build, create: (options: Options) => Plugin): Plugin[] {
  const options = optionsOf(build)
  return options ? Array.from({ length: build.copies ?? 1 }, () => create(options)) : []
}

/** For bundlers that need a process of their own: what it prints to stderr is passed on. */
export function buildInProcess(binary: string, script: string, { root }: Build, args: object): string[] {
  const { status, stderr, stdout } = spawnSync(binary, [script, JSON.stringify(args)], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr + stdout)
  process.stderr.write(stderr)
  return stderr.includes('nothing is wrapped') ? [stderr] : []
}
