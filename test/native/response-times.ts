/** What the caller waits for, with the plugin and without, on a handler that does nothing. */
import { startLambda } from '../harness/lambda-host.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { buildPair, type Variant } from './build.ts'
import { median, type Checks } from './checks.ts'
import type { LambdaHost } from '../harness/lambda-host.ts'

const RUNS = 60
const COLLECTOR_MS = 20

export interface ResponseTimes {
  /** Medians in milliseconds of warm invocations; `added` is that of the pairs' differences. */
  without: number
  ours: number
  added: number
}

export async function responseTimes(variant: Variant, ric: string, { check }: Checks): Promise<ResponseTimes> {
  const folders = await buildPair('bare', variant)
  const receiver = await startReceiver({ delayMs: COLLECTOR_MS })
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const common = { client: 'native', ric, handler: 'index.handler', env } as const
  const hosts: LambdaHost[] = []
  const times = { without: [] as number[], ours: [] as number[] }
  try {
    for (const which of ['without', 'ours'] as const) {
      const host = await startLambda({ ...common, taskRoot: folders[which] })
      hosts.push(host)
      await invoke(host) // the cold one
    }
    for (let run = 0; run < RUNS; run++) {
      times.without.push(await invoke(hosts[0]!))
      times.ours.push(await invoke(hosts[1]!))
    }
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await receiver.stop()
  }
  const added = median(times.ours.map((ms, run) => ms - times.without[run]!))
  // The export takes 20 ms at least: an order that makes the caller wait for it is far above this.
  check(`${variant.name}: the caller does not wait for the collector`, added < COLLECTOR_MS / 2, added)
  return { without: median(times.without), ours: median(times.ours), added }
}

async function invoke(host: LambdaHost): Promise<number> {
  const result = await host.invoke({})
  await result.finished
  return result.responseMs
}
