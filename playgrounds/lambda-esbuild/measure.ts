/** Runs all variants side by side, frozen after every response, and compares what was started with what arrived. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLambda, type InvokeResult, type LambdaHost } from '../../test/harness/lambda-host.ts'
import { compareLedger, readLedger, type LedgerComparison } from '../../test/harness/ledger.ts'
import { startReceiver, type Receiver, type ReceivedTrace } from '../../test/harness/otlp-receiver.ts'
import { bundle, type Variant } from './variants.ts'

export const COLLECTOR_DELAY_MS = 50
const WARM_ROUNDS = 20
/** In these rounds of every eight the card has expired, or the response is streamed as well. */
const FAILING = 6
const STREAMED = 3
const GRACE_MS = 500

export interface Measured {
  variant: Variant
  /** Cold, failing and streamed ones included. */
  invocations: number
  spans: LedgerComparison
  requests: number
  /** Of the warm, successful orders, round by round; the streamed ones are not among them. */
  responseMs: number[]
  busyMs: number[]
  /** One trace of each sort. */
  traces: { warm?: ReceivedTrace; failing?: ReceivedTrace; streamed?: ReceivedTrace }
  allTraces: ReceivedTrace[]
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

export async function measure(variants: Variant[], shopUrl: string, folder: string): Promise<Measured[]> {
  const sites: Site[] = []
  const running: { stop(): Promise<void> }[] = []
  try {
    for (const variant of variants) sites.push(await open(variant, shopUrl, folder, running))
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
    return sites.map(toMeasured)
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

async function open(
  variant: Variant,
  shopUrl: string,
  folder: string,
  running: { stop(): Promise<void> }[],
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

/** Rotated, and every other time backwards: nobody is always first, nobody always follows the same one. */
function inOrderOf<T>(round: number, sites: readonly T[]): T[] {
  const start = round % sites.length
  const rotated = [...sites.slice(start), ...sites.slice(0, start)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}

/** Returns when the environment is frozen again. */
async function invoke(variant: Variant, host: LambdaHost, card: 'valid' | 'expired'): Promise<InvokeResult> {
  const result = await host.invoke({
    version: '2.0',
    routeKey: 'POST /orders',
    rawPath: '/orders',
    headers: { host: 'shop.example', 'content-type': 'application/json' },
    requestContext: { http: { method: 'POST', path: '/orders' } },
    body: JSON.stringify({ items: ['espresso', 'croissant'], card }),
  })
  await result.finished
  if (result.ok !== (card === 'valid')) {
    throw new Error(`variant ${variant.id} answered ${result.text}\n--- output of the function ---\n${host.output}`)
  }
  return result
}

function toMeasured({ variant, collector, ledger, warm, failing, streamed }: Site): Measured {
  const colds = 2
  const allTraces = collector.traces()
  const traceOf = (results: InvokeResult[]) =>
    allTraces.find(({ roots }) => roots[0]?.attributes['faas.invocation.id'] === results.at(-1)?.requestId)
  return {
    variant,
    invocations: colds + warm.length + failing.length + streamed.length,
    spans: compareLedger(readLedger(ledger), collector.spans),
    requests: collector.requests.length,
    responseMs: warm.map((result) => result.responseMs),
    busyMs: warm.map((result) => result.busyMs),
    traces: { warm: traceOf(warm), failing: traceOf(failing), streamed: traceOf(streamed) },
    allTraces,
  }
}
