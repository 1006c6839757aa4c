/** The promise: nothing is lost at the freeze, nothing is sent twice, and the caller does not wait. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { deploy, functions, invoke, type Deployment, type Format } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const work = path.join(functions, 'work.ts')
const FREEZES = 150

/** For each invocation: last byte of the response, then the export, its answer, and only then our `next`. */
function expectAfterResponse({ journal }: Deployment): void {
  const invocations = journal.entries.reduce<string[][]>((all, { type }) => {
    if (type === 'invoke-released') all.push([])
    all.at(-1)?.push(type)
    return all
  }, [])
  for (const events of invocations) {
    const first = events.indexOf('otlp-first-byte')
    const answered = events.lastIndexOf('otlp-answered')
    expect(first, events.join(' ')).toBeGreaterThan(events.indexOf('response-last-byte'))
    expect(answered, events.join(' ')).toBeGreaterThan(first)
    expect(events.indexOf('extension-next'), events.join(' ')).toBeGreaterThan(answered)
    expect(events.indexOf('invoke-finished'), events.join(' ')).toBeGreaterThan(events.indexOf('extension-next'))
  }
}

describe.each<Format>(['esm', 'cjs'])('%s bundle', (format) => {
  test(`${FREEZES} freezes: lost 0, duplicated 0, one request per invocation, after the response`, async () => {
    const deployment = await deploy(work, { format, receiver: { delayMs: 20 } })
    const busy: number[] = []
    for (let i = 0; i < FREEZES; i++) {
      const result = await invoke(deployment)
      expect(result.text).toBe('{"statusCode":200,"headers":{"content-type":"text/plain"},"body":"done"}')
      busy.push(result.busyMs)
    }
    const { started, lost, duplicated, unexpected } = compareLedger(
      readLedger(deployment.ledger),
      deployment.receiver.spans,
    )
    expect({ started, lost, duplicated, unexpected }).toEqual({
      started: FREEZES * 4,
      lost: [],
      duplicated: [],
      unexpected: [],
    })
    expect(deployment.receiver.requests).toHaveLength(FREEZES)
    expectAfterResponse(deployment)
    console.log(`${format}: environment busy after the response, collector 20 ms: p50 ${median(busy).toFixed(1)} ms`)
  })

  test('5,000 child spans are encoded and sent after the response too', async () => {
    const deployment = await deploy(work, { format })
    await invoke(deployment, { spans: 5000 })
    expect(deployment.receiver.spans).toHaveLength(5001)
    expect(deployment.receiver.requests.every(({ gzip }) => gzip)).toBe(true)
    expectAfterResponse(deployment)
  })

  test('back to back: the next invocation waits for the export of the one before', async () => {
    const deployment = await deploy(work, { format, receiver: { delayMs: 50 } })
    await invoke(deployment)
    const begun = performance.now()
    const results = await Promise.all(Array.from({ length: 20 }, () => deployment.lambda.invoke({})))
    await Promise.all(results.map(({ finished }) => finished))
    console.log(
      `${format}: back to back, collector 50 ms: ${(20_000 / (performance.now() - begun)).toFixed(1)} invocations/s`,
    )
    expect(deployment.receiver.spans).toHaveLength(21 * 4)
    expectAfterResponse(deployment)
  })
})

test('sockets that died during the freeze cost nothing', async () => {
  const deployment = await deploy(work)
  for (let i = 0; i < 10; i++) {
    await invoke(deployment)
    deployment.receiver.dropIdleSockets()
  }
  expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
    lost: [],
    duplicated: [],
  })
})

test('immediate: every span in a request of its own, all of them delivered before the freeze', async () => {
  const deployment = await deploy(work, { otel: { batching: 'immediate' }, receiver: { delayMs: 20 } })
  for (let i = 0; i < 30; i++) await invoke(deployment)
  expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
    started: 120,
    lost: [],
    duplicated: [],
  })
  expect(deployment.receiver.requests).toHaveLength(120)
})

test('numbers: requests of at most that many spans', async () => {
  const deployment = await deploy(work, { otel: { batching: { maxExportBatchSize: 2 } } })
  await invoke(deployment)
  expect(deployment.receiver.requests.map(({ spans }) => spans.length)).toEqual([2, 2])
})

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
