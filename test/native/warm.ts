/** Warm invocations, frozen after each: nothing lost, nothing twice, one request, after the response. */
import { createJournal } from '../harness/journal.ts'
import { startLambda } from '../harness/lambda-host.ts'
import { compareLedger, readLedger } from '../harness/ledger.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { buildPair, temporary, type Variant } from './build.ts'
import { median, type Checks } from './checks.ts'
import { orderOf } from './order.ts'
import type { Journal } from '../harness/journal.ts'
import type { LambdaHost } from '../harness/lambda-host.ts'

const RUNS = 60
const COLLECTOR_MS = 50
const MANY_SPANS = 5000

export interface Warm {
  /** Milliseconds until the environment is free after the response; the collector takes 50. */
  busy: number
  lost: number
  duplicated: number
}

export async function warm(variant: Variant, ric: string, checks: Checks): Promise<Warm> {
  const folders = await buildPair('work', variant)
  const journal = createJournal()
  const receiver = await startReceiver({ journal, delayMs: COLLECTOR_MS })
  const ledger = temporary(`${variant.name}.jsonl`)
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, LEDGER_FILE: ledger }
  const common = { client: 'native', ric, handler: 'index.handler', env } as const
  const hosts: LambdaHost[] = []
  const busy: number[] = []
  const check = (what: string, holds: boolean, found?: unknown) =>
    checks.check(`${variant.name}: ${what}`, holds, found)

  try {
    const plain = await startLambda({ ...common, taskRoot: folders.without })
    hosts.push(plain)
    const instrumented = await startLambda({ ...common, taskRoot: folders.ours, journal })
    hosts.push(instrumented)
    for (let run = 0; run < RUNS; run++) {
      const bare = await plain.invoke({})
      await bare.finished
      const result = await instrumented.invoke({})
      await result.finished
      check('the response is the same', result.ok && result.text === bare.text, result.text)
      busy.push(result.busyMs)
    }
    const { started, lost, duplicated, unexpected } = compareLedger(readLedger(ledger), receiver.spans)
    check(`${RUNS} freezes: every span is in the ledger`, started === 3 * RUNS, started)
    check(`${RUNS} freezes: lost 0`, lost.length === 0, lost)
    check(`${RUNS} freezes: duplicated 0`, duplicated.length === 0, duplicated)
    check(`${RUNS} freezes: one root each`, unexpected.length === RUNS, unexpected.length)
    check('the collector is waited for', median(busy) >= COLLECTOR_MS, median(busy))
    checkOrder(journal, check, 1)
    await manySpans()
    return { busy: median(busy), lost: lost.length, duplicated: duplicated.length }
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await receiver.stop()
  }

  /** Enough for the encoding to take many times as long as the response. */
  async function manySpans(): Promise<void> {
    receiver.reset()
    const result = await hosts.at(-1)!.invoke({ spans: MANY_SPANS })
    await result.finished
    const ids = new Set(receiver.spans.map(({ spanId }) => spanId))
    check(`${MANY_SPANS} spans: none lost`, ids.size === MANY_SPANS + 1, ids.size)
    check(`${MANY_SPANS} spans: none twice`, receiver.spans.length === ids.size, receiver.spans.length)
    checkOrder(journal, (what, ...rest) => check(`${MANY_SPANS} spans: ${what}`, ...rest))
  }
}

/** @param requests how many each invocation must have sent */
export function checkOrder(journal: Journal, check: Checks['check'], requests?: number): void {
  const order = orderOf(journal)
  check('the export begins after the last byte of the response', order.tooEarly.length === 0, order.tooEarly)
  check('event/next follows the answer of the collector', order.letGoTooEarly.length === 0, order.letGoTooEarly)
  if (requests === undefined) return
  const others = order.requests.filter((count) => count !== requests)
  check(`${requests} OTLP request per invocation`, others.length === 0, others)
}
