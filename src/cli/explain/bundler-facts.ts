/**
 * The facts that a bundler would tell its plugin, from the text of its configuration: literal values alone. What is not
 * there is the bundler's default, if the text is all there is.
 */
import { dirname } from 'pathe'
import { allowsTopLevelAwait } from '../../plugin/top-level-await.ts'
import type { BundlerFacts } from '../../plugin/project.ts'
import { readSstConfig } from '../../plugin/sst-config.ts'
import type { Bundler, Configuration } from './configurations.ts'
import type { Root } from './root.ts'

type Read = (text: string, configuration: Configuration) => Partial<BundlerFacts>

const ESM = { format: 'esm', topLevelAwait: true } as const
/** Whatever it is, nobody is told that it is not known: the bundler knows. */
const UNKNOWN = { format: undefined, topLevelAwait: true, isEither: true } as const

/** What each adapter's `readFacts` reads of the real thing. */
const READ: Readonly<Record<Exclude<Bundler, 'next'>, Read>> = {
  esbuild(text, { file }) {
    const read = reader(file, text)
    // serverless-esbuild builds for Node: https://www.serverless.com/plugins/serverless-esbuild
    const isForNode = SERVERLESS.test(file) || !isDefault(text, 'platform')
    const [platform = isForNode ? 'node' : 'browser'] = read('platform')
    const [format = isDefault(text, 'format') ? FORMATS[platform] : undefined, ...others] = read('format')
    const topLevelAwait = allowsTopLevelAwait(read('target').flatMap((target) => target.split(',')))
    const known = format && others.length === 0 ? { format: toFormat(format), topLevelAwait } : UNKNOWN
    return { ...known, platform: platform as BundlerFacts['platform'] }
  },
  bun(text, { file }) {
    const read = reader(file, text)
    const [target = isDefault(text, 'target') ? 'browser' : 'node'] = read('target')
    return { ...ESM, format: toFormat(read('format')[0]), platform: target === 'browser' ? 'browser' : 'node' }
  },
  farm(text) {
    const [target = isDefault(text, 'targetEnv') ? 'browser' : 'node'] = literals(text, 'targetEnv')
    const format = toFormat(literals(text, 'format')[0])
    const platform = target.startsWith('browser') ? 'browser' : 'node'
    return { format, topLevelAwait: format === 'esm', platform, appends: true }
  },
  vite(text) {
    const format = toFormat(literals(text, 'formats?')[0])
    const plugins = /['"]@cloudflare\/vite-plugin['"]/.test(text) ? ['vite-plugin-cloudflare'] : []
    return { format, topLevelAwait: allowsTopLevelAwait(literals(text, 'target')), appends: true, plugins }
  },
  rollup: () => ({ format: undefined, topLevelAwait: true, appends: true }),
  rolldown: (text) => ({
    format: undefined,
    topLevelAwait: true,
    appends: true,
    ...(literals(text, 'platform')[0] === 'browser' && { platform: 'browser' }),
  }),
  webpack: readWebpack,
  rspack: readWebpack,
  sst: (_text, { file }) => ({ ...UNKNOWN, appends: true, files: readSstConfig(dirname(file)) }),
}

const SERVERLESS = /\/serverless\.[^/]+$/

/** Of code, YAML or a command line. */
function reader(file: string, text: string): (name: string) => string[] {
  if (file.endsWith('package.json')) return (name) => flags(text, name)
  return SERVERLESS.test(file) ? (name) => fields(text, name) : (name) => literals(text, name)
}

/** https://esbuild.github.io/api/#format */
const FORMATS: Readonly<Record<string, string>> = { browser: 'iife', node: 'cjs', neutral: 'esm' }

/** @param entries absolute */
export function readBundlerFacts({ folder, configuration }: Root, entries: readonly string[]): BundlerFacts {
  const { bundler = 'esbuild' } = configuration ?? {}
  const text = configuration ? textOf(configuration) : ''
  const read = bundler === 'next' || !configuration ? UNKNOWN : READ[bundler](text, configuration)
  return {
    name: bundler === 'next' || bundler === 'sst' ? 'esbuild' : bundler,
    root: folder,
    platform: 'node',
    format: undefined,
    topLevelAwait: true,
    appends: false,
    conditions: literals(text, 'condition(?:s|Names)'),
    entries,
    plugins: [],
    files: {},
    ...read,
  }
}

/** Where the plugin is, there are often the values, too. */
function textOf({ text, plugin }: Configuration): string {
  return plugin && plugin.text !== text ? `${text}\n${plugin.text}` : text
}

function readWebpack(text: string): Partial<BundlerFacts> {
  const isServer = literals(text, 'target').some((target) => /^(async-)?node|^webworker|^es/.test(target))
  const hasConditions = literals(text, 'conditionNames').length > 0
  const types = [...literals(text, 'libraryTarget'), ...literals(text, 'type')]
  const isModule = /\bmodule['"]?\s*:\s*true\b/.test(text) || types.includes('module')
  const isCommonJs = types.some((type) => type.startsWith('commonjs'))
  const known = { format: isModule ? 'esm' : isCommonJs ? 'cjs' : undefined, topLevelAwait: isModule } as const
  return {
    ...(known.format || isDefault(text, 'library') ? known : UNKNOWN),
    platform: isServer || hasConditions || !isDefault(text, 'target') ? 'node' : 'browser',
    appends: true,
  }
}

/** Not in the text, and nothing in that comes from elsewhere. */
function isDefault(text: string, name: string): boolean {
  const comesFromElsewhere = /\.\.\.\s*[\w(]|(?:from|require\(|import\()\s*['"]\.{1,2}\//
  return !new RegExp(`\\b${name}\\b`).test(text) && !comesFromElsewhere.test(text)
}

function toFormat(name = 'esm'): 'esm' | 'cjs' | 'iife' {
  return name.startsWith('c') ? 'cjs' : name === 'iife' ? 'iife' : 'esm'
}

/** The different values of `name: 'value'` and `name: ['value']`. */
export function literals(text: string, name: string): string[] {
  const found = text.matchAll(new RegExp(`\\b${name}['"]?\\s*:\\s*(\\[[^\\]]*\\]|(['"\`])[^'"\`]*\\2)`, 'g'))
  return [...new Set(Array.from(found).flatMap(([, value]) => strings(value!)))]
}

function strings(value: string): string[] {
  return Array.from(value.matchAll(/(['"`])([^'"`]*)\1/g), ([, , text]) => text!)
}

/** `name: value` */
function fields(text: string, name: string): string[] {
  return Array.from(text.matchAll(new RegExp(`\\b${name}['"]?:\\s*['"]?([\\w.,]+)`, 'g')), ([, value]) => value!)
}

/** `--name=value`, `--name value` */
function flags(command: string, name: string): string[] {
  return Array.from(command.matchAll(new RegExp(`--${name}[= ]['"]?([\\w.,]+)`, 'g')), ([, value]) => value!)
}
