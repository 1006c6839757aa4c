import type { BundlerFacts, Project } from '../../src/plugin/project.ts'

interface Given {
  readonly root?: string
  readonly env?: Project['env']
  readonly files?: Readonly<Record<string, string>>
  readonly dependencies?: readonly string[]
  readonly development?: readonly string[]
  readonly isLibrary?: boolean
  readonly scripts?: readonly string[]
  readonly start?: string
  readonly bundler?: Partial<BundlerFacts>
}

/** A project without a file system: what detection and rules are functions of. */
export function createProject({
  root = '/orders',
  env = {},
  files = {},
  dependencies = [],
  development = [],
  isLibrary = false,
  scripts = [],
  start,
  bundler,
}: Given = {}): Project {
  return {
    root,
    env,
    files: new Map(Object.entries(files)),
    folders: new Map(Object.keys(files).map((name) => [name, root])),
    dependencies: new Set(dependencies),
    development: new Set(development),
    isLibrary,
    links: new Map(),
    scripts,
    ...(start !== undefined && { start }),
    bundler: createBundler({ root, ...bundler }),
  }
}

export function createBundler(facts: Partial<BundlerFacts> = {}): BundlerFacts {
  const root = facts.root ?? '/orders'
  const entries = [`${root}/src/app.ts`]
  return {
    name: 'esbuild',
    root,
    platform: 'node',
    format: 'esm',
    topLevelAwait: true,
    appends: false,
    conditions: [],
    entries,
    plugins: [],
    files: {},
    ...facts,
  }
}
