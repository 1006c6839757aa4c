/** The business code. It knows spans by plain `@opentelemetry/api`, and nothing of an SDK, an exporter or a flush. */
import { setTimeout as sleep } from 'node:timers/promises'
import { SpanStatusCode, trace } from '@opentelemetry/api'

export interface Order {
  readonly id: string
  readonly total: number
}

const tracer = trace.getTracer('invoices')

export function printInvoice({ id, total }: Order): Promise<void> {
  return tracer.startActiveSpan('print invoice', { attributes: { 'order.id': id } }, async (span) => {
    try {
      await sleep(5)
      if (total < 0) throw new Error(`order ${id} has a negative total`)
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
      throw error
    } finally {
      span.end()
    }
  })
}
