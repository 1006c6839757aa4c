/**
 * The function most tests deploy. The event says what it does; every span it starts is in the ledger,
 * the invocation's own included.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { tracedInLedger } from '../harness/ledger-span.ts'

interface Work {
  spans?: number
  fail?: string
  status?: number
  sleepMs?: number
}

const tracer = trace.getTracer('user')

export const handler = async (event: Work = {}) => {
  const root = trace.getActiveSpan()?.spanContext()
  if (root && process.env['LEDGER_FILE']) {
    appendFileSync(
      process.env['LEDGER_FILE'],
      `${JSON.stringify({ traceId: root.traceId, spanId: root.spanId, name: 'root' })}\n`,
    )
  }
  // Beyond a handful the ledger's own writes would dominate the handler.
  if ((event.spans ?? 0) > 100) for (let i = 0; i < event.spans!; i++) tracer.startSpan(`span ${i}`).end()
  else
    for (let i = 0; i < (event.spans ?? 3); i++)
      await tracedInLedger(`span ${i}`, async () => sleep(event.sleepMs ?? 0))
  if (event.fail) throw new TypeError(event.fail)
  return { statusCode: event.status ?? 200, headers: { 'content-type': 'text/plain' }, body: 'done' }
}
