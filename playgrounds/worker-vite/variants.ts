/** The same Worker, built four ways by Vite and Cloudflare's plugin. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { InlineConfig } from 'vite'
import type { WorkerOptions } from '../../test/harness/workerd-host.ts'

export type VariantId = 'bare' | 'a' | 'b' | 'c'

export interface Variant {
  id: VariantId
  label: string
  isOurs: boolean
  build: InlineConfig
}

const root = import.meta.dirname

export async function defineVariants(): Promise<Variant[]> {
  const { cloudflare } = await import('@cloudflare/vite-plugin').catch((cause) => {
    throw new Error('playgrounds/worker-vite is not installed: npm run demo', { cause })
  })
  // The SDK's context manager needs more of Node than AsyncLocalStorage.
  const main = { main: 'src/by-hand.ts', compatibility_flags: ['nodejs_compat'] }
  const byHand = (flush: boolean): InlineConfig => ({
    configFile: false,
    plugins: [cloudflare({ config: main })],
    define: { FLUSH: JSON.stringify(flush) },
  })
  return [
    { id: 'bare', label: 'no telemetry', isOurs: false, build: { configFile: false, plugins: [cloudflare()] } },
    { id: 'a', label: 'SDK, BatchSpanProcessor, no flush', isOurs: false, build: byHand(false) },
    { id: 'b', label: 'SDK, ctx.waitUntil(forceFlush())', isOurs: false, build: byHand(true) },
    { id: 'c', label: 'otel()', isOurs: true, build: { configFile: path.join(root, 'vite.config.ts') } },
  ]
}

export async function bundle({ id, build }: Variant, folder: string): Promise<WorkerOptions> {
  const { createBuilder } = await import('vite')
  const outDir = path.join(folder, `worker-${id}`)
  const builder = await createBuilder({ ...build, root, logLevel: 'error', build: { outDir } })
  await builder.buildApp()
  return readBuilt(outDir)
}

/** What Cloudflare would get: the modules, and what `wrangler deploy` reads beside them. */
export function readBuilt(outDir: string): WorkerOptions {
  const source = path.join(outDir, 'shop_front')
  const wrangler = JSON.parse(readFileSync(path.join(source, 'wrangler.json'), 'utf8')) as Wrangler
  const { durable_objects: objects, queues } = wrangler
  return {
    source,
    main: wrangler.main,
    compatibilityDate: wrangler.compatibility_date,
    compatibilityFlags: wrangler.compatibility_flags,
    vars: wrangler.vars,
    durableObjects: Object.fromEntries(objects.bindings.map(({ name, class_name }) => [name, class_name])),
    queueProducers: Object.fromEntries(queues.producers.map(({ binding, queue }) => [binding, queue])),
    queueConsumers: queues.consumers.map(({ queue }) => queue),
  }
}

interface Wrangler {
  main: string
  compatibility_date: string
  compatibility_flags: string[]
  vars: Record<string, unknown>
  durable_objects: { bindings: { name: string; class_name: string }[] }
  queues: { producers: { binding: string; queue: string }[]; consumers: { queue: string }[] }
}
