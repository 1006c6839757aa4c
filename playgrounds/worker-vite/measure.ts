/** Runs all variants side by side, evicted after a request, and compares what was started with what arrived. */
import { setTimeout as sleep } from 'node:timers/promises'
import { compareLedger, type LedgerSpan } from '../../test/harness/ledger.ts'
import { startReceiver, type Receiver } from '../../test/harness/otlp-receiver.ts'
import type { WorkerdHost } from '../../test/harness/workerd-host.ts'
import type { Measured } from '../demo/facts.ts'
import { COLLECTOR_DELAY_MS, GRACE_MS, inOrderOf } from '../demo/rounds.ts'
import { startShop } from '../demo/shop.ts'
import { placeOrder, startVariant } from './site.ts'
import { defineVariants, type Variant } from './variants.ts'

/** An isolate each. */
const EVICTED_ROUNDS = 25
/** In one isolate, whose first request is as cold as all of the above. */
const WARM_ROUNDS = 20

interface Site {
  variant: Variant
  collector: Receiver
  worker: WorkerdHost
  responseMs: number[]
}

export async function measure(folder: string): Promise<{ calls: number; evictions: number; variants: Measured[] }> {
  const sites: Site[] = []
  const running: { stop(): Promise<void> | void }[] = []
  try {
    // Not the function itself, which would blur what is measured of the Worker.
    const shop = await startShop()
    running.push(shop)
    for (const variant of await defineVariants()) {
      const collector = await startReceiver({ delayMs: COLLECTOR_DELAY_MS })
      running.push(collector)
      const worker = await startVariant(variant, folder, { orders: shop.url, collector: collector.url })
      running.push(worker)
      sites.push({ variant, collector, worker, responseMs: [] })
    }
    const rounds = EVICTED_ROUNDS + 1 + WARM_ROUNDS
    for (let round = 0; round < rounds; round++) {
      for (const site of inOrderOf(round, sites)) {
        const ms = await order(site.worker)
        if (round > EVICTED_ROUNDS) site.responseMs.push(ms)
      }
      if (round < EVICTED_ROUNDS || round === rounds - 1) {
        // What has no telemetry loses none: it need not be evicted before the time is taken.
        const evicted = sites.filter(({ variant }) => variant.id !== 'bare' || round >= EVICTED_ROUNDS - 1)
        await Promise.all(evicted.map(({ worker }) => settleAndEvict(worker)))
      }
    }
    await sleep(GRACE_MS)
    return { calls: rounds, evictions: EVICTED_ROUNDS + 1, variants: sites.map(toMeasured) }
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

/** Until the caller has the last byte. */
async function order(worker: WorkerdHost): Promise<number> {
  const at = performance.now()
  const { chunks } = await placeOrder(worker)
  return chunks.at(-1)!.at - at
}

async function settleAndEvict(worker: WorkerdHost): Promise<void> {
  await worker.settled()
  await worker.evict()
}

function toMeasured({ variant, collector, worker, responseMs }: Site): Measured {
  const noted = worker.console.filter(({ message }) => message.startsWith('{"ledger":'))
  const ledger = noted.map(({ message }) => JSON.parse(message).ledger as LedgerSpan)
  return {
    variant,
    invocations: worker.invocations.length,
    spans: compareLedger(ledger, collector.spans),
    requests: collector.requests.length,
    responseMs,
    traces: collector.traces(),
  }
}
