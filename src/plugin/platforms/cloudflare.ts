/** Cloudflare Workers and Pages at build time. The run-time half is `runtime/platforms/cloudflare.ts`. */
import { relative, resolve } from 'pathe'
import type * as Runtime from '../../runtime/platforms/cloudflare.ts'
import { definePlatform, detectDependency, exportedLists, members, methods, registered } from '../define-platform.ts'
import type { Project } from '../project.ts'
import { readWrangler, type Wrangler } from '../wrangler.ts'

/** https://developers.cloudflare.com/workers/configuration/compatibility-flags/#nodejs-compatibility-flag */
const ALS_FLAGS = ['nodejs_als', 'nodejs_compat', 'nodejs_compat_v2']
const ALS_SINCE = '2026-08-04'
const ALS_OPT_OUT = ['no_nodejs_compat', 'no_nodejs_compat_v2']
/** https://developers.cloudflare.com/pages/functions/api-reference/#onrequests */
const PAGES_NAMES = ['', 'Get', 'Post', 'Put', 'Patch', 'Delete', 'Head', 'Options'].map(
  (method) => `onRequest${method}`,
)
const TOOLS = ['wrangler', '@cloudflare/vite-plugin', '@cloudflare/workers-types']

export default definePlatform<typeof Runtime>()({
  id: 'cloudflare',
  docs: 'https://developers.cloudflare.com/workers/runtime-apis/handlers/',
  hosts: { edge: 'workerd' },
  detect(project) {
    const { bundler, env } = project
    if (bundler.plugins.some((name) => name.startsWith('vite-plugin-cloudflare'))) {
      return { signal: 'bundler', because: '@cloudflare/vite-plugin' }
    }
    if (bundler.conditions.includes('workerd')) {
      return { signal: 'bundler', because: `${bundler.name} resolves for 'workerd'` }
    }
    const wrangler = readWrangler(project)
    if (wrangler) return { signal: 'file', because: wrangler.file }
    const dependency = detectDependency(project, [], TOOLS)
    if (dependency) return dependency
    return env['WORKERS_CI'] ? { signal: 'ci', because: 'WORKERS_CI' } : undefined
  },
  entries(project) {
    const { main, isPages } = fileOf(project) ?? {}
    if (isPages) return [`${escapeGlob(folderOf(project))}/functions/**/*.{js,mjs,ts,tsx,jsx}`]
    return main ? [resolve(folderOf(project), main)] : []
  },
  classes: (project) => fileOf(project)?.classes ?? [],
  bases: {
    DurableObject: '',
    WorkerEntrypoint: '',
    // Replayed with every step: its spans would be sent again each time.
    WorkflowEntrypoint: 'a Workflow: not supported yet',
  },
  context,
  // A script cannot import `node:async_hooks`.
  installers: { 'service-worker': { registrar: 'addEventListener', entries: 'without-exports', context: 'stack' } },
  handlers: {
    onRequest: exportedLists((file, project) => (isPagesFunction(file, project) ? PAGES_NAMES : []), 'instrumentPages'),
    onFetch: members('fetch'),
    onScheduled: members('scheduled'),
    onQueue: members('queue'),
    onEmail: members('email'),
    onAlarm: methods('alarm'),
    onWebSocket: methods('webSocketMessage', 'webSocketClose', 'webSocketError'),
    onCall: methods('*'),
    onFetchEvent: registered(),
    onScheduledEvent: registered(),
    onQueueEvent: registered(),
  },
})

/** Their plugin has configurations of several Workers, and says itself which module is the entry of which. */
function fileOf(project: Project): Wrangler | undefined {
  return project.bundler.builtins ? undefined : readWrangler(project)
}

/** Where the configuration file is. */
function folderOf(project: Project): string {
  return project.folders.get(fileOf(project)?.file ?? '') ?? project.root
}

/** Pages has no other modules of handlers than those in its folder, and a Worker's configuration names its module. */
function isPagesFunction(file: string, project: Project): boolean {
  if (project.bundler.builtins || fileOf(project)?.main) return false
  return relative(folderOf(project), file).startsWith('functions/')
}

/** A folder may be called `[shop]`, or be `**`. */
function escapeGlob(folder: string): string {
  return folder.replace(/[[\]{}*?]/g, '\\$&')
}

/** A Worker that imports `node:async_hooks` without the flag does not start. */
function context(project: Project): { context: 'als' | 'stack'; because: string } {
  // Their plugin has resolved the flags of configuration in memory, too.
  const { builtins } = project.bundler
  if (builtins) {
    return builtins.includes('node:async_hooks')
      ? { context: 'als', because: 'compatibility flags or date, as the bundler resolved them' }
      : { context: 'stack', because: 'neither nodejs_als nor nodejs_compat' }
  }
  const { file, broken, compatibilityDate: date, compatibilityFlags: flags = [] } = readWrangler(project) ?? {}
  const flag = ALS_FLAGS.find((name) => flags.includes(name))
  if (flag) return { context: 'als', because: flag }
  if (date && date >= ALS_SINCE && !ALS_OPT_OUT.every((name) => flags.includes(name))) {
    return { context: 'als', because: `compatibility date ${date}` }
  }
  const why = date ? `compatibility date ${date}` : broken ? `${file}: ${broken}` : 'no compatibility date is known'
  return { context: 'stack', because: why }
}
