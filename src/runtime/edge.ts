/** The edge entry: what the transform imports when a module's target is `edge`. No Node built-in at all. */
import type { ContextManager } from '@opentelemetry/api'
import type { Host, RuntimeOptions } from '../contract.ts'
import type { Encoding } from './exporter.ts'
import type { Setup } from './provider.ts'
import { fetchTransport } from './transport-fetch.ts'

export { instrument } from './instrument.ts'
export { instrumentMembers } from './members.ts'
export type { Setup } from './provider.ts'

/** Binds the parts that the emitted code imports; nothing runs before the first invocation. */
export function setup(
  options: RuntimeOptions,
  host: Host,
  createContextManager: () => ContextManager,
  encoding: Encoding,
): Setup {
  return { options, host, createContextManager, encoding, transport: fetchTransport }
}
