/** A fresh process that loads a built function, warms it up and measures: `node invoke.ts <task as JSON>`. */
import { pathToFileURL } from 'node:url'
import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import type { Dropped } from '../functions/drop.ts'
import type { BenchContext, handler as Handler } from '../functions/handler.ts'
import { profiled, type SelfTime } from './profiled.ts'

export interface Task {
  readonly file: string
  readonly children: number
  readonly warmUp: number
  readonly count: number
  readonly profile: boolean
}

export interface Measured {
  readonly invocations: number
  /** CPU time of the whole process in µs per invocation, garbage collection and compilation included. */
  readonly cpu: number
  /** Median µs from the call to the handler's first line. */
  readonly entered: number
  /** What was dropped "to the payload". */
  readonly dropped?: Dropped | undefined
  readonly profile?: SelfTime[] | undefined
}

const { file, children, warmUp, count, profile }: Task = JSON.parse(process.argv[2]!)
const { handler } = (await import(pathToFileURL(file).href)) as { handler: typeof Handler }

const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:shop'
const event = {
  version: '2.0',
  routeKey: 'GET /items/{id}',
  rawPath: '/items/42',
  rawQueryString: 'currency=eur',
  queryStringParameters: { currency: 'eur' },
  headers: {
    accept: '*/*',
    host: 'shop.example',
    'user-agent': 'curl/8.11.0',
    'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793',
    'x-forwarded-for': '192.0.2.1',
    'x-forwarded-port': '443',
    'x-forwarded-proto': 'https',
  },
  requestContext: { domainName: 'shop.example', http: { method: 'GET', path: '/items/42' } },
}
const times: number[] = []
/** A clock is read in these only. */
const CALLS = 200

let invocations = 0

async function invoke(entered: () => void): Promise<void> {
  invocations++
  const context = {
    awsRequestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
    functionName: 'shop',
    functionVersion: '$LATEST',
    invokedFunctionArn: arn,
    getRemainingTimeInMillis: () => 3000,
    children,
    entered,
  }
  await handler({ ...event } as unknown as APIGatewayProxyEventV2, context as unknown as BenchContext)
}

async function repeat(runs: number): Promise<void> {
  for (let run = 0; run < runs; run++) await invoke(() => {})
}

await repeat(warmUp)
globalThis.gc?.()
const before = process.cpuUsage()
await repeat(count)
const { user, system } = process.cpuUsage(before)
const selfTimes = profile ? await profiled(() => repeat(count)) : undefined
for (let run = 0; run < CALLS; run++) {
  const called = performance.now()
  await invoke(() => times.push((performance.now() - called) * 1000))
}

const measured: Measured = {
  invocations,
  cpu: (user + system) / count,
  entered: times.toSorted((a, b) => a - b)[CALLS / 2]!,
  dropped: (globalThis as { benchDropped?: Dropped }).benchDropped,
  profile: selfTimes,
}
console.log(JSON.stringify(measured))
process.exit()
