/** One collector for the tests of a file. */
import { afterAll, afterEach, vi } from 'vitest'
import { startReceiver, type Receiver } from '../harness/otlp-receiver.ts'

/** Starts it, and has the runtime find it; each test finds it empty. */
export async function startFileReceiver(): Promise<Receiver> {
  const receiver = await startReceiver()
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
  afterAll(() => receiver.stop())
  afterEach(() => receiver.reset())
  return receiver
}
