import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { TAIL } from './workerd-tail.ts'
import type { MiniflareWorkerOptions } from './workerd-miniflare.ts'
import type { WorkerOptions } from './workerd-options.ts'

/** What `wrangler.json` of a build calls rules: what is not listed is not uploaded. */
const TYPES: Record<string, string> = {
  '.js': 'ESModule',
  '.mjs': 'ESModule',
  '.cjs': 'CommonJS',
  '.wasm': 'CompiledWasm',
  '.txt': 'Text',
  '.bin': 'Data',
}

export function toWorker(name: string, options: WorkerOptions, follow: boolean): MiniflareWorkerOptions {
  const { compatibilityDate = '2026-07-01', compatibilityFlags = ['nodejs_compat'] } = options
  const { vars, durableObjects = {}, queueProducers, queueConsumers = [], services } = options
  return {
    name,
    ...toModules(options),
    compatibilityDate,
    compatibilityFlags,
    ...(vars && { bindings: vars }),
    durableObjects: Object.fromEntries(
      Object.entries(durableObjects).map(([binding, className]) => [binding, { className, useSQLite: true }]),
    ),
    ...(queueProducers && { queueProducers }),
    queueConsumers: Object.fromEntries(queueConsumers.map((queue) => [queue, { maxBatchSize: 1, maxBatchTimeout: 0 }])),
    ...(services && { serviceBindings: services as Record<string, object> }),
    ...(follow && { streamingTails: [{ name: TAIL, props: { worker: name } }] }),
  }
}

function toModules({
  source,
  main = 'index.js',
  isScript,
}: WorkerOptions): Pick<MiniflareWorkerOptions, 'modules' | 'modulesRoot' | 'script'> {
  if (isScript) return { modules: false, script: readFileSync(path.join(source, main), 'utf8') }
  if (source.includes('\n')) {
    return { modules: [{ type: 'ESModule', path: '/index.js', contents: source }], modulesRoot: '/' }
  }
  if (!existsSync(path.join(source, main))) throw new Error(`no ${main} in ${source}`)
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => TYPES[path.extname(file)])
  // The first one is the Worker's.
  const ordered = [main, ...files.filter((file) => file !== main)]
  return {
    modules: ordered.map((file) => ({
      type: TYPES[path.extname(file)]!,
      path: path.join(source, file),
      contents: readFileSync(path.join(source, file)),
    })),
    modulesRoot: source,
  }
}
