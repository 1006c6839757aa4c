/** Makes the invocation of a root span, and tells the host of it. */
import type { Span } from '@opentelemetry/api'
import type { Call, Host } from '../contract.ts'
import { complete } from './flush.ts'
import { activate, adoptRoot, createInvocation, type ActiveInvocation } from './invocation.ts'
import type { Tracing } from './provider.ts'

/** @param ownsRoot whether the root ends with the invocation, or by whoever made it */
export function openInvocation(
  root: Span,
  event: unknown,
  call: Call,
  tracing: Tracing,
  host: Host,
  ownsRoot: boolean,
): ActiveInvocation {
  let release!: () => void
  const done = new Promise<void>((resolve) => (release = resolve))
  const finish = (): Promise<void> => {
    void complete(invocation, tracing, host, call, ownsRoot).then(release)
    return done
  }
  const { config, inFlight } = tracing.export ?? {}
  const invocation = createInvocation(root, event, (host.holdsLast && inFlight?.()) || new Set(), once(finish))
  adoptRoot(invocation)
  const exporting = { endpoint: config?.endpoint, mode: tracing.flush.mode }
  invocation.keepAlive = host.keepAlive(call, done, exporting, invocation)
  activate(invocation)
  return invocation
}

export function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => (running ??= run())
}
