/**
 * Lambda Managed Instances: worker threads that run many invocations at once and are never frozen.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
 */
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildFunction, type DeployOptions } from './deploy.ts'
import { createJournal } from './harness/journal.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'
import { startManagedInstance, type ManagedInstanceOptions } from './harness/managed-instance.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { ran } from './ran.ts'

const source = `
  import { threadId } from 'node:worker_threads'
  import { trace } from '@opentelemetry/api'
  import { tracedInLedger } from '${path.join(import.meta.dirname, 'harness/ledger-span.ts')}'
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  export const handler = async ({ n = 0, late = 0 }) => {
    if (late) {
      const open = trace.getTracer('user').startSpan('late')
      setTimeout(() => open.end(), late)
    }
    await tracedInLedger('outer ' + n, async () => {
      await sleep(5 + (n % 7) * 3)
      await tracedInLedger('inner ' + n, () => sleep(5))
    })
    return { n, threadId }
  }
`

async function deployManaged({ otel, ...options }: DeployOptions = {}, instance: Partial<ManagedInstanceOptions> = {}) {
  const taskRoot = await buildFunction(source, { otel: { platform: 'aws-lambda', ...otel }, ...options })
  const journal = createJournal()
  const receiver = await startReceiver({ journal, ...options.receiver })
  onTestFinished(() => receiver.stop())
  const ledger = path.join(taskRoot, 'ledger.jsonl')
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, LEDGER_FILE: ledger }
  const managed = await startManagedInstance({ taskRoot, handler: 'index.handler', journal, env, ...instance })
  onTestFinished(() => managed.end())
  return { receiver, journal, managed, ledger: () => readLedger(ledger) }
}

test.each(['esm', 'cjs'] as const)('a hundred at once over four threads: %s', async (format) => {
  const { managed, receiver, journal, ledger } = await deployManaged({ format }, { workers: 4, maxConcurrency: 100 })
  ran('esbuild', 'Lambda', format === 'esm' ? 'ESM' : 'CommonJS')
  const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => managed.invoke({ n })))
  const told = answers.map((answer) => answer.json() as { n: number; threadId: number })
  expect(told.map(({ n }) => n)).toEqual(Array.from({ length: 100 }, (_, n) => n))
  expect(new Set(told.map(({ threadId }) => threadId)).size).toBe(4)

  // A root and two children each; the last of a thread has sent what was left, so the end takes nothing along.
  await receiver.waitForSpans(300)
  await managed.end()
  const { started, lost, duplicated } = compareLedger(ledger(), receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: 200, lost: [], duplicated: [] })
  const traces = receiver.traces()
  expect(traces).toHaveLength(100)
  for (const { roots } of traces) {
    const n = roots[0]?.children[0]?.name.replace('outer ', '')
    expect(roots).toMatchObject([{ kind: 2, children: [{ name: `outer ${n}`, children: [{ name: `inner ${n}` }] }] }])
    expect(roots[0]!.attributes['faas.coldstart']).not.toBe(true)
  }
  // In batches, and nobody asked for events.
  expect(receiver.requests.length).toBeLessThan(50)
  expect(journal.of('register')).toEqual([])
  console.log(`${format}: ${receiver.requests.length} requests for 100 invocations`)
})

test('one after the other: each is exported when nothing is active any more', async () => {
  const { managed, receiver, ledger } = await deployManaged()
  for (let n = 1; n <= 5; n++) {
    await managed.invoke({ n })
    await receiver.waitForSpans(n * 3)
  }
  await managed.end()
  expect(compareLedger(ledger(), receiver.spans)).toMatchObject({ started: 10, lost: [], duplicated: [] })
})

test('a span that ends after its invocation needs no other to be exported', async () => {
  const { managed, receiver } = await deployManaged()
  await managed.invoke({ late: 100 })
  await receiver.waitForSpans(4)
  const [{ roots } = { roots: [] }] = receiver.traces()
  expect(roots[0]?.children.map(({ name }) => name).toSorted()).toEqual(['late', 'outer 0'])
})

test('awaited: no answer waits for the spans of another invocation', async () => {
  const otel = { flush: { mode: 'await', budgetMs: 5000 } } as const
  const { managed, receiver, journal } = await deployManaged(
    { otel, receiver: { delayMs: 1500 } },
    { workers: 1, timeoutMs: 10_000 },
  )
  const first = managed.invoke({ n: 1 })
  await receiver.waitForSpans(3)
  await receiver.set({ delayMs: 0 })
  const second = await managed.invoke({ n: 2 })
  expect(second.json().n).toBe(2)
  expect(journal.of('otlp-answered')).toHaveLength(1)
  await first
})
