import type { Journal } from './journal.ts'
import type { ClientOptions, ClientResponse } from './workerd-client.ts'
import type { WorkerInvocation } from './workerd-invocations.ts'
import type { DurableObjectId, QueueMessage, QueueResult } from './workerd-miniflare.ts'

export interface WorkerOptions {
  /** Folder with `index.js` and its chunks, or the text of a module. */
  source: string
  /** Of the module with the handlers, in the folder. @default 'index.js' */
  main?: string
  /** `main` is a script: the service-worker format. */
  isScript?: boolean
  /** Not newer than the workerd of playgrounds/worker-vite. @default '2026-07-01' */
  compatibilityDate?: string
  /** @default ['nodejs_compat'] */
  compatibilityFlags?: string[]
  /** Variables and secrets. */
  vars?: Record<string, unknown>
  /** Names of classes by name of binding. */
  durableObjects?: Record<string, string>
  /** Names of queues by name of binding. */
  queueProducers?: Record<string, string>
  /** Names of queues whose messages this Worker gets, one a batch. */
  queueConsumers?: string[]
  /** Of further Workers by name of binding. */
  services?: Record<string, string | { name: string; entrypoint: string }>
}

export interface WorkerdOptions extends WorkerOptions {
  /** Further Workers by name, for `services`. */
  workers?: Record<string, WorkerOptions>
  journal?: Journal
  /** `false`: no tail Worker, hence no `settled` and no `invocations`, at three times the speed. @default true */
  follow?: boolean
}

export interface ConsoleLine {
  /** Of the console method: `log`, `warn`, …; `error` is what workerd says itself as well. */
  level: string
  message: string
}

export interface WorkerdHost {
  /** Of workerd's own socket for the first Worker; ends with a slash and stays the same over evictions. */
  readonly url: string
  readonly console: ConsoleLine[]
  /** Those of all Workers, in order of their begin, also the ones that a Worker causes. */
  readonly invocations: readonly WorkerInvocation[]
  fetch(path: string, init?: RequestInit): Promise<Response>
  /** A request whose bytes are timed in the journal, with a socket of its own. */
  request(path: string, options?: ClientOptions): Promise<ClientResponse>
  scheduled(cron?: string, scheduledTime?: Date): Promise<{ outcome: string; noRetry: boolean }>
  /** A message is a body, or everything. Resolves when the handler has returned. */
  queue(name: string, messages: readonly (QueueMessage | object | string)[]): Promise<QueueResult>
  /** Resolves when every invocation that was caused through the host, and whatever it caused, is over with its `waitUntil` work. */
  settled(timeoutMs?: number): Promise<void>
  /** Kills workerd with everything in flight and starts it again: module state is lost, Durable Object storage stays. */
  evict(): Promise<void>
  /** Throws one object out of memory and keeps its isolate. */
  evictDurableObject(className: string, object: DurableObjectId): Promise<void>
  stop(): Promise<void>
}
