/** Runs all variants side by side, frozen after every response, and compares what was started with what arrived. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLambda, type InvokeResult, type LambdaHost } from '../../test/harness/lambda-host.ts'
import { compareLedger, readLedger } from '../../test/harness/ledger.ts'
import { startReceiver, type ReceivedSpan, type Receiver } from '../../test/harness/otlp-receiver.ts'
import type { Measured } from '../demo/facts.ts'
import { COLLECTOR_DELAY_MS, GRACE_MS, inOrderOf, toOrder } from '../demo/rounds.ts'
import { startShop } from '../demo/shop.ts'
import { bundle, defineVariants, type Variant } from './variants.ts'

const WARM_ROUNDS = 20
/** In these rounds of every eight the card has expired, or the response is streamed as well. */
const FAILING = 6
const STREAMED = 3

export interface Result {
  calls: number
  variants: Measured[]
  /** Of `otel()`, one of each sort. */
  traces: { label: string; spans: ReceivedSpan[] }[]
}

interface Site {
  variant: Variant
  collector: Receiver
  ledger: string
  order: LambdaHost
  stream: LambdaHost
  warm: InvokeResult[]
  failing: InvokeResult[]
  streamed: InvokeResult[]
}

export async function measure(folder: string): Promise<Result> {
  const sites: Site[] = []
  const running: { stop(): Promise<void> | void }[] = []
  try {
    const shop = await startShop()
    running.push(shop)
    for (const variant of await defineVariants()) sites.push(await open(variant, shop.url, folder, running))
    for (const site of sites) {
      await invoke(site.variant, site.order, 'valid')
      await invoke(site.variant, site.stream, 'valid')
    }
    for (let round = 0; round < WARM_ROUNDS; round++) {
      for (const site of inOrderOf(round, sites)) {
        if (round % 8 === FAILING) site.failing.push(await invoke(site.variant, site.order, 'expired'))
        else site.warm.push(await invoke(site.variant, site.order, 'valid'))
        if (round % 8 === STREAMED) site.streamed.push(await invoke(site.variant, site.stream, 'valid'))
      }
    }
    await sleep(GRACE_MS)
    // Before the hosts are stopped, because that continues their processes once more.
    return { calls: callsOf(sites[0]!), variants: sites.map(toMeasured), traces: toTraces(sites.at(-1)!) }
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

async function open(
  variant: Variant,
  shopUrl: string,
  folder: string,
  running: { stop(): Promise<void> | void }[],
): Promise<Site> {
  const taskRoot = await bundle(variant, folder)
  const ledger = path.join(folder, `${variant.id}.ledger`)
  const collector = await startReceiver({ delayMs: COLLECTOR_DELAY_MS })
  running.push(collector)
  const env = {
    SHOP_URL: shopUrl,
    LEDGER_FILE: ledger,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    AWS_LAMBDA_FUNCTION_NAME: 'orders',
  }
  const start = async (handler: string): Promise<LambdaHost> => {
    const host = await startLambda({ taskRoot, handler, env, timeoutMs: 10_000 })
    running.push(host)
    return host
  }
  const hosts = { order: await start(variant.order), stream: await start(variant.stream) }
  return { variant, collector, ledger, ...hosts, warm: [], failing: [], streamed: [] }
}

/** Returns when the environment is frozen again. */
async function invoke(variant: Variant, host: LambdaHost, card: 'valid' | 'expired'): Promise<InvokeResult> {
  const result = await host.invoke({
    version: '2.0',
    routeKey: 'POST /orders',
    rawPath: '/orders',
    headers: { host: 'shop.example', 'content-type': 'application/json' },
    requestContext: { http: { method: 'POST', path: '/orders' } },
    body: toOrder(card),
  })
  await result.finished
  if (result.ok !== (card === 'valid')) {
    throw new Error(`variant ${variant.id} answered ${result.text}\n--- output of the function ---\n${host.output}`)
  }
  return result
}

function callsOf({ warm, failing, streamed }: Site): number {
  const colds = 2
  return colds + warm.length + failing.length + streamed.length
}

function toMeasured(site: Site): Measured {
  const { variant, collector, ledger, warm } = site
  return {
    variant,
    invocations: callsOf(site),
    spans: compareLedger(readLedger(ledger), collector.spans),
    requests: collector.requests.length,
    // Of the warm, successful orders; the streamed ones are not among them.
    responseMs: warm.map((result) => result.responseMs),
    busyMs: warm.map((result) => result.busyMs),
    traces: collector.traces(),
  }
}

function toTraces({ collector, warm, failing, streamed }: Site): Result['traces'] {
  const lastOf = (label: string, results: InvokeResult[]) => {
    const root = collector.spans.find((span) => span.attributes['faas.invocation.id'] === results.at(-1)?.requestId)
    return { label, spans: collector.spans.filter(({ traceId }) => traceId === root?.traceId) }
  }
  return [lastOf('warm', warm), lastOf('failing', failing), lastOf('streamed', streamed)]
}
