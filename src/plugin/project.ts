/** The facts of a project, read from the file system at build start. `sst-config.ts` reads what only SST has. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'pathe'
import { PluginError } from './errors.ts'
import { readText } from './files.ts'
import { readLinks, type Links } from './links.ts'

export interface BundlerFacts {
  readonly name: 'bun' | 'esbuild' | 'farm' | 'vite' | 'rollup' | 'rolldown' | 'webpack' | 'rspack' | 'turbopack'
  readonly root: string
  readonly platform: 'node' | 'browser' | 'neutral'
  /** The module format of the output; undefined: as the source. */
  readonly format: 'esm' | 'cjs' | 'iife' | undefined
  /** The output may be an ES module or CommonJS, and nobody tells. */
  readonly isEither?: true
  /** Whether the output may contain `await` at its top level. */
  readonly topLevelAwait: boolean
  /** Whether the adapter appends to the output, once its format is known. */
  readonly appends: boolean
  /** Names that packages are resolved by: https://nodejs.org/api/packages.html#community-conditions-definitions */
  readonly conditions: readonly string[]
  /** Absolute paths or globs, with or without extension. */
  readonly entries: readonly string[]
  /** Modules that the output's runtime has. Undefined: not known. */
  readonly builtins?: readonly string[]
  /** Names of the plugins beside ours. */
  readonly plugins: readonly string[]
  /** Deploy configuration that exists in memory only, by the name of the file it stands for. */
  readonly files: Readonly<Record<string, string>>
}

export interface Project {
  readonly root: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Deploy and framework configuration: base name → text. */
  readonly files: ReadonlyMap<string, string>
  /** Base name → the folder of that file. */
  readonly folders: ReadonlyMap<string, string>
  /** Names in `dependencies` and `devDependencies` of the nearest package.json. */
  readonly dependencies: ReadonlySet<string>
  /** Those of `devDependencies` alone. */
  readonly development?: ReadonlySet<string>
  readonly links: Links
  /** Others import it: its package.json has `exports` or `types`. */
  readonly isLibrary?: boolean
  readonly version?: string
  /** The commands in its `scripts`. */
  readonly scripts: readonly string[]
  /** That of `start`. */
  readonly start?: string
  readonly bundler: BundlerFacts
}

const FILES = [
  ...['yml', 'yaml', 'ts', 'js', 'json'].map((extension) => `serverless.${extension}`),
  ...['yaml', 'yml', 'json'].map((extension) => `template.${extension}`),
  ...['ts', 'js', 'mjs'].map((extension) => `sst.config.${extension}`),
  'samconfig.toml',
  'cdk.json',
  'firebase.json',
  'netlify.toml',
  'host.json',
  'Dockerfile',
  'Procfile',
  ...['json', 'jsonc', 'toml'].map((extension) => `wrangler.${extension}`),
]

/** Reads upwards from the bundler's root to the repository's: a monorepo has its deploy file at the top. */
export function readProject(bundler: BundlerFacts, env: Project['env']): Project {
  const files = new Map(Object.entries(bundler.files))
  const folders = new Map(Object.keys(bundler.files).map((name) => [name, bundler.root]))
  let root: string | undefined
  let manifest: Manifest = { dependencies: new Set(), scripts: [] }
  for (let directory = bundler.root; ; directory = dirname(directory)) {
    for (const name of FILES) {
      const path = join(directory, name)
      const text = files.has(name) ? undefined : readText(path)
      if (text === undefined) continue
      files.set(name, text)
      folders.set(name, directory)
    }
    const text = root ? undefined : readText(join(directory, 'package.json'))
    if (text !== undefined) {
      root = directory
      manifest = readManifest(text)
    }
    if (existsSync(join(directory, '.git')) || directory === dirname(directory)) break
  }
  root ??= bundler.root
  return { root, env, files, folders, ...manifest, links: readLinks([root, bundler.root], bundler.entries), bundler }
}

type Manifest = Pick<Project, 'version' | 'dependencies' | 'development' | 'isLibrary' | 'scripts' | 'start'>

/** A broken package.json is the user's own tools' business. */
export function readManifest(text: string): Manifest {
  try {
    const { version, dependencies = {}, devDependencies = {}, scripts = {}, exports, types } = JSON.parse(text)
    return {
      dependencies: new Set([...Object.keys(dependencies), ...Object.keys(devDependencies)]),
      development: new Set(Object.keys(devDependencies).filter((name) => !(name in dependencies))),
      isLibrary: Boolean(exports ?? types),
      ...(version && typeof version === 'string' && { version }),
      scripts: Object.values(scripts).map(String),
      ...(typeof scripts.start === 'string' && { start: scripts.start }),
    }
  } catch {
    return { dependencies: new Set(), scripts: [] }
  }
}

/** The ESM file of `@opentelemetry/api`: the newest of the project's copy and ours, 1.10 at least. */
export function findNewestApi(root: string): string {
  const ours = resolveApi(import.meta.url)
  const theirs = resolveApi(join(root, 'package.json'))
  if (!ours)
    throw new PluginError(
      '@opentelemetry/api is not installed beside unplugin-otel',
      'Reinstall unplugin-otel.',
      'UO141',
    )
  return theirs && isNewer(theirs.version, ours.version) ? theirs.file : ours.file
}

interface ApiCopy {
  readonly version: string
  readonly file: string
}

function resolveApi(from: string): ApiCopy | undefined {
  try {
    // 1.x up to 1.9 has build/esm/, 1.10 has dist/; both name the CommonJS main beside it.
    const main = createRequire(from).resolve('@opentelemetry/api')
    for (let directory = dirname(main); directory !== dirname(directory); directory = dirname(directory)) {
      const manifest = join(directory, 'package.json')
      if (!existsSync(manifest)) continue
      const { name, version, module: esm, exports } = JSON.parse(readFileSync(manifest, 'utf8'))
      if (name !== '@opentelemetry/api') continue
      const file = exports?.['.']?.default?.default ?? esm
      return file ? { version, file: join(directory, file) } : undefined
    }
  } catch {
    // Not installed there.
  }
  return undefined
}

/** Only within the major: `opentelemetry.js.api.<major>` is what the copies share. */
function isNewer(version: string, than: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number)
  const [ourMajor = 0, ourMinor = 0, ourPatch = 0] = than.split('.').map(Number)
  return major === ourMajor && (minor > ourMinor || (minor === ourMinor && patch > ourPatch))
}
