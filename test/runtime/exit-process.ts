/** A function in a process of its own, which ends in the midst of an invocation. */
import { isBreakerOpen } from '../../src/runtime/breaker.ts'
import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import workers from 'node:worker_threads'
import { trace } from '@opentelemetry/api'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/aws-lambda.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'

const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const parts = setup({ flush: { budgetMs: Number(process.env['BUDGET_MS']) } }, host, als, encoding)

/** What the thread is made of, as far as others could see it. */
const { Worker } = workers
workers.Worker = class extends Worker {
  constructor(source: string, { workerData, ...options }: workers.WorkerOptions) {
    super(source, { workerData, ...options })
    writeSync(2, `thread ${JSON.stringify(options)}\n`)
  }
} as typeof Worker

let count = 0
const context = () => ({ awsRequestId: `${++count}`, getRemainingTimeInMillis: () => 60_000 })
const invoke = async (run: () => unknown) =>
  instrument(onEvent as never, async (_event: object, _context: object) => run(), meta, parts)({}, context())

const ends: Record<string, () => unknown> = {
  'nothing is left': async () => {
    await invoke(() => {})
    process.exit(3)
  },
  'one that failed': async () => {
    await invoke(() => {})
    // Until the collector is back.
    await once(process.stdin, 'data')
    await invoke(() => process.exit(3))
  },
  'while one that failed is sent again': async () => {
    await invoke(() => {})
    await once(process.stdin, 'data')
    // As long as nothing is sent after a failure.
    while (isBreakerOpen()) await sleep(50)
    void invoke(() => {})
    process.stdin.once('data', () => process.exit(3))
  },
  'many spans': () =>
    invoke(() => {
      for (let n = 0; n < 600; n++) trace.getTracer('user').startSpan(`span ${n}`).end()
      process.exit(3)
    }),
  'an error': () =>
    invoke(async () => {
      setImmediate(() => {
        throw new RangeError('no')
      })
      await sleep(1000)
    }),
  'an error that is caught': () =>
    invoke(async () => {
      process.once('uncaughtException', () => {})
      setImmediate(() => {
        throw new RangeError('no')
      })
      await sleep(20)
    }).then(() => process.exit(3)),
}

await ends[process.argv[2]!]!()
