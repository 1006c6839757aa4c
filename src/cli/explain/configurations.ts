/** Which bundler builds a project's functions, and whether the plugin is in it: told from files, none is run. */
import { dirname, join } from 'pathe'
import { ENDINGS, kindOf, readNames, readText } from '../../plugin/files.ts'

/** By the name of our entry for it. */
export type Bundler =
  | 'bun'
  | 'esbuild'
  | 'farm'
  | 'next'
  | 'rolldown'
  | 'rollup'
  | 'rspack'
  | 'sst'
  | 'vite'
  | 'webpack'

export interface Configuration {
  readonly bundler: Bundler
  /** Absolute. */
  readonly file: string
  readonly text: string
  /** What imports the plugin: this file, or one that it names. */
  readonly plugin: { readonly file: string; readonly text: string } | undefined
}

/** Those that build functions before Vite's, which is often that of the pages beside them. */
const FILES: readonly (readonly [Bundler, RegExp])[] = [
  ['sst', /^sst\.config\.(ts|js|mjs)$/],
  ['next', /^next\.config\.[cm]?[jt]s$/],
  ['farm', /^farm\.config\.[cm]?[jt]s$/],
  ['rspack', /^rspack\.config\.[cm]?[jt]s$/],
  ['webpack', /^webpack\.config\.[cm]?[jt]s$/],
  ['rolldown', /^rolldown\.config\.[cm]?[jt]s$/],
  ['rollup', /^rollup\.config\.[cm]?[jt]s$/],
]
const VITE = /^vite\.config\.[cm]?[jt]s$/
const SERVERLESS = /^serverless\.(ya?ml|ts|js|json)$/
/** SST deploys sites, too. */
const SST_FUNCTIONS = /\bFunction\b|\.route\(|\bhandler\b/

/** What a build script imports of its bundler. */
const IMPORTS: readonly (readonly [Bundler, RegExp])[] = [
  ['esbuild', /(?:from|require\(|import\()\s*['"]esbuild['"]/],
  ['bun', /\bBun\.build\(/],
  ['rspack', /(?:from|require\(|import\()\s*['"]@rspack\/core['"]/],
  ['webpack', /(?:from|require\(|import\()\s*['"]webpack['"]/],
  ['rolldown', /(?:from|require\(|import\()\s*['"]rolldown['"]/],
  ['rollup', /(?:from|require\(|import\()\s*['"]rollup['"]/],
  ['vite', /(?:from|require\(|import\()\s*['"]vite['"]/],
]

/** The command lines, which take no plugins. */
const COMMANDS: readonly (readonly [Bundler, RegExp])[] = [
  ['esbuild', /(?:^|[;&|]|\b(?:npx|bunx|yarn|exec)\s)\s*esbuild\s/],
  ['bun', /(?:^|[;&|])\s*bun build\s/],
]
/** Scripts that no command of the package names: CDK and Terraform have commands of their own. */
const SCRIPT = /^(build|bundle|esbuild)\b[\w.-]*\.[cm]?[jt]s$/

const PLUGIN = /(['"`])unplugin-otel\/(bun|esbuild|farm|next|rolldown|rollup|rspack|sst|vite|webpack)\1/
/** Also in YAML and in a shell's commands. */
const NAMED_FILE = /(?<![\w@./-])[\w@./-]+\.[cm]?[jt]s(?![\w-])/g
const IMPORTED = /(['"`])(\.{1,2}\/[^'"`\s]+)\1/g

/** @returns what configures a bundler in this very folder: what uses the plugin first */
export function findConfigurations(folder: string): Configuration[] {
  const names = readNames(folder)
  const texts = (pattern: RegExp) =>
    names
      .filter((name) => pattern.test(name))
      .map((name) => [join(folder, name), readCode(join(folder, name))] as const)
  const found: Configuration[] = []
  const add = (bundler: Bundler, file: string, text: string) => {
    if (found.some((each) => each.file === file)) return
    const plugin = findPlugin(file, text)
    found.push({ bundler: plugin?.bundler ?? bundler, file, text, plugin })
  }
  for (const [bundler, pattern] of FILES) {
    for (const [file, text] of texts(pattern))
      if (bundler !== 'sst' || SST_FUNCTIONS.test(text)) add(bundler, file, text)
  }
  const commands = readScripts(folder)
  const scripts = commands.flatMap((command) => filesIn(command, folder))
  const unnamed = names.filter((name) => SCRIPT.test(name)).map((name) => join(folder, name))
  for (const file of [...scripts, ...unnamed]) {
    const text = readCode(file)
    const [bundler] = IMPORTS.find(([, pattern]) => pattern.test(text)) ?? []
    if (bundler) add(bundler, file, text)
  }
  for (const [file, text] of texts(SERVERLESS)) if (/\bserverless-esbuild\b/.test(text)) add('esbuild', file, text)
  for (const command of commands) {
    const [bundler] = COMMANDS.find(([, pattern]) => pattern.test(command)) ?? []
    if (bundler) add(bundler, join(folder, 'package.json'), command)
  }
  for (const [file, text] of texts(VITE)) add('vite', file, text)
  return found.toSorted((a, b) => Number(b.plugin !== undefined) - Number(a.plugin !== undefined))
}

/** In it, or in the files that it names, and those that these name: a shared list of plugins, SST's `otel.mjs`. */
function findPlugin(
  file: string,
  text: string,
  depth = 2,
): { bundler: Bundler; file: string; text: string } | undefined {
  const [, , bundler] = PLUGIN.exec(text) ?? []
  if (bundler) return { bundler: bundler as Bundler, file, text }
  if (depth === 0 || file.endsWith('package.json')) return undefined
  for (const other of filesIn(text, dirname(file))) {
    const found = other === file ? undefined : findPlugin(other, readCode(other), depth - 1)
    if (found) return found
  }
  return undefined
}

function filesIn(text: string, folder: string): string[] {
  const named = Array.from(text.matchAll(NAMED_FILE), ([name]) => name)
  const imported = Array.from(text.matchAll(IMPORTED), ([, , path]) => path!)
  const paths = [...new Set([...named, ...imported])].map((path) => join(folder, path))
  return paths.flatMap((path) => {
    const file = ENDINGS.map((ending) => path + ending).find((each) => kindOf(each) === 'file')
    return file && !file.includes('/node_modules/') ? [file] : []
  })
}

/** Without the lines that are comments: there the plugin is turned off. */
function readCode(file: string): string {
  return (readText(file) ?? '').replace(/^[ \t]*(?:\/\/.*|\/\*[^]*?\*\/[ \t]*)$/gm, '')
}

function readScripts(folder: string): string[] {
  try {
    const { scripts = {} } = JSON.parse(readText(join(folder, 'package.json')) ?? '{}')
    return Object.values(scripts).map(String)
  } catch {
    return []
  }
}
