import { randomUUID } from 'node:crypto'
import { createJournal } from './journal.ts'
import { createClient } from './workerd-client.ts'
import { createInvocations } from './workerd-invocations.ts'
import { loadMiniflare, type MiniflareOptions, type QueueMessage } from './workerd-miniflare.ts'
import { toTailWorker } from './workerd-tail.ts'
import { toWorker } from './workerd-worker.ts'
import type { ConsoleLine, WorkerdHost, WorkerdOptions } from './workerd-options.ts'

export type { ClientOptions, ClientResponse } from './workerd-client.ts'
export type { WorkerInvocation } from './workerd-invocations.ts'
export type { ConsoleLine, WorkerdHost, WorkerdOptions, WorkerOptions } from './workerd-options.ts'

const LOOPBACK = { host: '127.0.0.1', port: 0 }

/** Runs a built Worker in Cloudflare's own runtime. Rejects with what workerd says when it does not start. */
export async function startWorkerd(options: WorkerdOptions): Promise<WorkerdHost> {
  const { Miniflare } = loadMiniflare()
  const { follow = true } = options
  const journal = options.journal ?? createJournal()
  const lines: ConsoleLine[] = []
  const invocations = createInvocations(journal)
  const further = Object.entries(options.workers ?? {})
  const configure = (boot: number): MiniflareOptions => ({
    ...LOOPBACK,
    cf: false,
    handleStructuredLogs({ level, message }) {
      lines.push({ level, message })
      journal.record('console', { level, message })
    },
    workers: [
      { ...toWorker('main', options, follow), unsafeDirectSockets: [LOOPBACK] },
      ...further.map(([name, worker]) => toWorker(name, worker, follow)),
      ...(follow ? [toTailWorker(boot, invocations.receive)] : []),
    ],
  })
  const miniflare = new Miniflare(configure(0))
  try {
    await miniflare.ready
  } catch (error) {
    await miniflare.dispose()
    throw error
  }
  let url = String(await miniflare.unsafeGetDirectURL('main'))
  const send = createClient(journal, () => url)

  return {
    get url() {
      return url
    },
    console: lines,
    invocations: invocations.list,
    fetch: (path, init) => invocations.expect('fetch', fetch(new URL(path, url), init)),
    request: (path, request) => invocations.expect('fetch', send(path, request)),
    async scheduled(cron = '* * * * *', scheduledTime = new Date()) {
      const worker = await miniflare.getWorker('main')
      return invocations.expect('scheduled', worker.scheduled({ cron, scheduledTime }))
    },
    async queue(name, messages) {
      const worker = await miniflare.getWorker('main')
      return invocations.expect('queue', worker.queue(name, messages.map(toMessage)))
    },
    async settled(timeoutMs) {
      if (!follow) throw new Error('nobody follows the invocations: `follow` is false')
      await invocations.settled(timeoutMs)
    },
    async evict() {
      await miniflare.setOptions(configure(invocations.evicted()))
      url = String(await miniflare.unsafeGetDirectURL('main'))
      journal.record('evicted')
    },
    evictDurableObject: (className, object) => miniflare.unsafeEvictDurableObject('main', className, object),
    stop: () => miniflare.dispose(),
  }
}

function toMessage(message: QueueMessage | object | string): QueueMessage {
  if (typeof message === 'object' && 'body' in message && 'id' in message) return message as QueueMessage
  return { id: randomUUID(), timestamp: new Date(), attempts: 1, body: message }
}
