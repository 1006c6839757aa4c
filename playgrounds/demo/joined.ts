/** A request to the Worker, which calls the Lambda function: two platforms, one collector, one trace. */
import path from 'node:path'
import { startLambda } from '../../test/harness/lambda-host.ts'
import { startReceiver, type ReceivedSpan } from '../../test/harness/otlp-receiver.ts'
import * as lambdas from '../lambda-esbuild/variants.ts'
import { placeOrder, startVariant } from '../worker-vite/site.ts'
import * as workers from '../worker-vite/variants.ts'
import type { JoinedFacts } from './facts.ts'
import { startFront } from './lambda-front.ts'
import { startShop } from './shop.ts'

export async function joinTraces(folder: string): Promise<JoinedFacts> {
  const running: { stop(): Promise<void> | void }[] = []
  const run = async <T extends (typeof running)[number]>(starting: Promise<T>): Promise<T> => {
    const one = await starting
    running.push(one)
    return one
  }
  try {
    const collector = await run(startReceiver())
    const shop = await run(startShop())
    const env = {
      SHOP_URL: shop.url,
      LEDGER_FILE: path.join(folder, 'joined.ledger'),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
    }
    const orders = (await lambdas.defineVariants()).find(({ id }) => id === 'e')!
    const taskRoot = await lambdas.bundle(orders, folder)
    const lambda = await run(startLambda({ taskRoot, handler: orders.order, env, timeoutMs: 10_000 }))
    const front = await run(startFront(lambda))
    const door = (await workers.defineVariants()).find(({ isOurs }) => isOurs)!
    const worker = await run(startVariant(door, folder, { orders: front.url, collector: collector.url }))
    await placeOrder(worker)
    await worker.settled()
    await front.idle()
    return toFacts(collector.spans)
  } finally {
    await Promise.all(running.map((one) => one.stop()))
  }
}

function toFacts(all: readonly ReceivedSpan[]): JoinedFacts {
  const isOf = (platform: string) => (span: ReceivedSpan) => span.resource['cloud.platform'] === platform
  const roots = all.filter((span) => !span.parentSpanId && isOf('cloudflare.workers')(span))
  const door = roots.find(({ attributes }) => attributes['url.path'] === '/orders')
  const spans = all.filter(({ traceId }) => traceId === door?.traceId)
  const callers = new Set(spans.filter(isOf('cloudflare.workers')).map(({ spanId }) => spanId))
  const isOne = spans.filter(isOf('aws_lambda')).some(({ parentSpanId = '' }) => callers.has(parentSpanId))
  return { spans, isOne }
}
