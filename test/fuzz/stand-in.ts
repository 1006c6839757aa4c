/**
 * All that emitted code imports of the runtime. The wrappers are the real ones; the kinds count the calls that go
 * through them, and let the handler run untouched.
 */
import type { ContextManager } from '@opentelemetry/api'
import type { Kind } from '../../src/contract.ts'

export { instrument } from '../../src/runtime/instrument.ts'
export { instrumentMembers } from '../../src/runtime/members.ts'
export { instrumentPages } from '../../src/runtime/pages.ts'
export { wrapExports } from '../../src/runtime/commonjs.ts'

const counting: Kind = {
  start(call) {
    calls.push(call.meta.name)
    return undefined
  },
}

/** The names of the handlers that were called by their wrappers: Vitest and Node have a copy each of this module. */
const calls = ((globalThis as { fuzzCalls?: string[] }).fuzzCalls ??= [])

export const onEvent = counting
export const onRoute = counting
export const onApi = counting
export const onProxy = counting
export const onRequest = counting
export const onFetch = counting
export const onScheduled = counting
export const onQueue = counting
export const onEmail = counting
export const onAlarm = counting
export const onWebSocket = counting
export const onCall = counting
export const onExport = counting
export const onInvocation = counting
export const onCloudEvent = counting
export const onFetchEvent = counting
export const onFunction = counting
export const onHttp = counting
export const onQueueEvent = counting
export const onScheduledEvent = counting

export const host = { id: 'fuzz', env: () => ({}), deployed: () => true, resource: () => ({}) }
export const setup = (options: object, host: object) => ({ options, host })
const none = (): ContextManager | undefined => undefined
export const als = none
export const stack = none
export const global = none
export const encoding = {}
export const register = (): Promise<void> => Promise.resolve()
export const install = (): void => {}
