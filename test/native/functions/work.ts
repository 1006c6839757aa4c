/** All handlers of the warm runs in one module; `_HANDLER` chooses. Their spans are in the ledger, the roots are not. */
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { tracedInLedger } from '../../harness/ledger-span.ts'
import type { Writable } from 'node:stream'

declare const awslambda: {
  streamifyResponse<H extends (event: unknown, stream: Writable) => Promise<void>>(handler: H): H
}

export const handler = async ({ spans = 3 }: { spans?: number }) => {
  // Beyond a handful, the ledger's own writes would be most of the invocation.
  if (spans > 100) for (let i = 0; i < spans; i++) trace.getTracer('work').startSpan(`span ${i}`).end()
  else for (let i = 0; i < spans; i++) await tracedInLedger(`span ${i}`, async () => {})
  return { spans }
}

export const fails = async () => {
  await tracedInLedger('before', async () => {})
  throw new RangeError('as ordered')
}

export const sync = () => tracedInLedger('inside', () => ({ sync: true }))

export const streams = awslambda.streamifyResponse(async (_event, stream) => {
  await tracedInLedger('first', async () => stream.write('one'))
  await sleep(40)
  await tracedInLedger('second', async () => stream.write('two'))
  stream.end()
})

/* otel:ignore */
export const ignored = async () => 'ignored'
