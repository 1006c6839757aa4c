import { createRequire } from 'node:module'
import path from 'node:path'
import type { Readable } from 'node:stream'

/**
 * The part of miniflare 4 that the host uses. Declared here, because types are checked before it is
 * installed; https://github.com/cloudflare/workers-sdk/tree/main/packages/miniflare
 */
export interface MiniflareModule {
  Miniflare: new (options: MiniflareOptions) => Miniflare
  Response: new (body?: string) => object
}

export interface Miniflare {
  readonly ready: Promise<URL>
  /** Starts workerd anew, also with equal options. Ports and Durable Object storage stay. */
  setOptions(options: MiniflareOptions): Promise<void>
  unsafeGetDirectURL(worker: string): Promise<URL>
  unsafeEvictDurableObject(worker: string, className: string, object: DurableObjectId): Promise<void>
  getWorker(worker: string): Promise<MiniflareWorker>
  dispose(): Promise<void>
}

export type DurableObjectId = { name: string } | { id: string }

export interface MiniflareWorker {
  scheduled(event: { cron?: string; scheduledTime?: Date }): Promise<{ outcome: string; noRetry: boolean }>
  queue(queue: string, messages: readonly QueueMessage[]): Promise<QueueResult>
}

export interface QueueMessage {
  id: string
  timestamp: Date
  attempts: number
  body: unknown
}

export interface QueueResult {
  outcome: string
  ackAll: boolean
  retryBatch: { retry: boolean; delaySeconds?: number }
  explicitAcks: string[]
  retryMessages: { msgId: string; delaySeconds?: number }[]
}

export interface MiniflareOptions {
  host: string
  port: number
  /** `false`: no `request.cf`, which would be fetched from the internet. */
  cf: false
  handleStructuredLogs(line: { level: string; message: string }): void
  handleRuntimeStdio?(stdout: Readable, stderr: Readable): void
  workers: MiniflareWorkerOptions[]
}

export interface MiniflareWorkerOptions {
  name: string
  modules: false | { type: string; path: string; contents: string | Uint8Array }[]
  modulesRoot?: string
  /** Of a Worker without modules. */
  script?: string
  compatibilityDate: string
  compatibilityFlags: string[]
  bindings?: Record<string, unknown>
  durableObjects?: Record<string, { className: string; useSQLite: boolean }>
  queueProducers?: Record<string, string>
  queueConsumers?: Record<string, { maxBatchSize: number; maxBatchTimeout: number }>
  serviceBindings?: Record<string, object | ((request: Request) => Promise<object>)>
  streamingTails?: { name: string; props: object }[]
  /** A socket of the Worker's own: no Worker of miniflare's is between it and the client. */
  unsafeDirectSockets?: { host: string; port: number }[]
}

const project = path.resolve(import.meta.dirname, '../../playgrounds/worker-vite')

export function loadMiniflare(): MiniflareModule {
  try {
    return createRequire(path.join(project, 'package.json'))('miniflare') as MiniflareModule
  } catch (cause) {
    throw new Error('miniflare is not installed: run `node tools/install.mjs`', { cause })
  }
}
