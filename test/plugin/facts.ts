import { resolveBuild } from '../../src/plugin/build.ts'
import type { TransformFacts } from '../../src/plugin/emit.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import type { PlatformId } from '../../src/plugin/known-platforms.ts'
import type { ReExports } from '../../src/plugin/re-exports.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createProject } from './project-facts.ts'

/** Next.js finds handlers by where a module is: what a fixture's name begins with stands for that. */
const NEXT_PATHS: Readonly<Record<string, (name: string) => string>> = {
  route: (name) => `app/api/${name.replace(/\.\w+$/, '')}/route${name.slice(name.lastIndexOf('.'))}`,
  api: (name) => `pages/api/${name}`,
  proxy: (name) => `src/proxy${name.slice(name.lastIndexOf('.'))}`,
  middleware: (name) => `middleware${name.slice(name.lastIndexOf('.'))}`,
}

/** What the fixtures' `export * from './app'` brings, as the stand-in has it. */
export const fixtureReExports: ReExports = {
  stars: { './app': { names: ['app', 'handler', 'run', 'work', 'table', 'GET', 'runtime'] } },
  types: [],
}

/** Where a fixture's module would be in a project. */
export function fixturePath(platform: string, file: string): string {
  if (platform === 'cloudflare' && file.startsWith('pages-')) return `functions/${file}`
  const toPath = platform === 'nextjs' ? NEXT_PATHS[file.replace(/-.*$/, '')] : undefined
  return toPath?.(file.slice(file.indexOf('-') + 1)) ?? `src/${file}`
}

/** What the pipeline would tell the transform about a module; `my-handler` is a name for the fixtures. */
export function createFacts(
  path: string,
  facts: Partial<TransformFacts> = {},
  platform: PlatformId = 'aws-lambda',
): TransformFacts {
  const dependencies = platform === 'azure-functions' && !path.includes('legacy') ? ['@azure/functions'] : []
  const project = createProject({ dependencies, bundler: { entries: [`/orders/${path}`] } })
  const options = resolveOptions({ platform, libraries: false })
  const build = resolveBuild(options, project)
  const found = toFacts(build.of(`/orders/${path}`)!, build, options, project)
  const kind = platform === 'nextjs' ? undefined : Object.values(found.kinds)[0]
  return { ...found, kinds: { ...found.kinds, ...(kind && { 'my-handler': kind }) }, ...facts }
}
