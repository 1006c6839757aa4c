/** One cell of the table of faults: 200 invocations of a function while its collector is ill, and some when it is well. */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, TestRunner } from 'vitest'
import { startReceiver, type Receiver } from '../harness/otlp-receiver.ts'
import type { Answer, Deployed } from '../scenarios/scenario.ts'
import { account } from './account.ts'
import { MOST_PROBES, type Expected, type FaultResult, type FaultRow } from './fault-row.ts'
import { mostAttempts } from './most-attempts.ts'
import type { Platform } from './platforms.ts'

declare module 'vitest' {
  interface TaskMeta {
    fault?: FaultResult
  }
}

const INVOCATIONS = 200
/** Further than any breaker's pause. */
const PAUSE_IS_OVER_MS = 301_000

/** When nothing has arrived for so long, a server's flush is over: of one that fails by the budget, or arrives after it. */
const QUIET_MS = { never: 120, quick: 120, slow: 500 }

/** What is measured while a function is called. */
interface Played {
  /** In order, those under the fault are from the second on. */
  readonly answers: readonly Answer[]
  readonly attempts: number
  /** By the clock of the function, which may have been moved. */
  readonly elapsedMs: number
  /** Distinct spans that had arrived when the collector became well. */
  readonly arrivedBefore: ReadonlySet<string>
}

/** @param folder what is built, with the row's options */
export async function runCell(
  row: FaultRow,
  expected: Expected,
  platform: Platform,
  folder: string,
  control: readonly Answer[],
): Promise<void> {
  const receiver = await startReceiver(row.receiver)
  onTestFinished(() => receiver.stop())
  const env: Record<string, string> = row.endpoint ? { OTEL_EXPORTER_OTLP_ENDPOINT: row.endpoint } : {}
  const deployed = await platform.column.deploy(folder, { cell: { ...platform.cell, env }, receiver })
  const played = await play(deployed, receiver, row, expected, platform)
  await deployed.evict()

  const { answers, attempts, elapsedMs, arrivedBefore } = played
  const output = deployed.output()
  const printed = output.replaceAll(/ledger \{.*?\}\s*/g, '')
  const visible = answers.map((answer) => answer.visible)
  const asWithout = control.slice(0, answers.length).map((answer) => answer.visible)
  const { keptAtLast, lostWithError, ...accounted } = account(output, receiver, arrivedBefore, row.errorIn)
  const result: FaultResult = {
    name: row.name,
    platform: platform.id,
    identical: JSON.stringify(visible) === JSON.stringify(asWithout),
    ...compare(answers, control),
    attempts: row.endpoint || row.fault.mode === 'refuse' ? NaN : attempts,
    ...accounted,
  }
  const task = TestRunner.getCurrentTest()
  if (task) task.meta.fault = result

  expect(visible, 'what the callers see, as without the plugin').toEqual(asWithout)
  expect(receiver.redirected, 'asked of another origin').toEqual([])
  const { started, received, unanswered, kept, dropped } = accounted
  const perCall = (row.spans ?? 3) + 1
  expect(started, 'spans that the function started').toBe((answers.length - 1) * perCall + 4)
  const most = mostAttempts(expected, platform, elapsedMs, INVOCATIONS)
  expect(attempts, `attempts in ${Math.round(elapsedMs)} ms`).toBeLessThanOrEqual(most)
  expect(attempts, 'attempts').toBeGreaterThanOrEqual(expected.leastAttempts ?? 0)
  if (neverIsWell(row)) {
    // All but the one that reports it, and those after it.
    expect(kept, `kept of ${started}\n${printed}`).toBe(started - 3 * perCall)
  } else {
    if (expected.fails === 'never') expect(kept, 'kept when the collector is well').toBe(0)
    expect(keptAtLast, 'kept when the collector has been well for a while').toBe(0)
    const lost = started - received
    // What was taken and never answered may be counted as lost by the sender, or be still in flight.
    expect(lost, `neither delivered nor dropped, of ${started}\n${printed}`).toBeLessThanOrEqual(
      dropped.spans + unanswered,
    )
    expect(dropped.spans, 'dropped, yet delivered').toBeLessThanOrEqual(lost + unanswered)
  }
  expect(lostWithError, 'lost of the invocation with an error').toBe(0)
  expect(expected.drops ?? [], 'reasons for what is dropped').toEqual(expect.arrayContaining([...dropped.reasons]))
  expect(expected.says ?? [], 'codes of warnings').toEqual(expect.arrayContaining([...accounted.said]))
  if (dropped.spans > 0) expect(accounted.said, 'warnings of what is dropped').not.toEqual([])
  expect(accounted.duplicated, 'answered twice').toBe(0)
  if (!expected.ambiguous) expect(accounted.ambiguous, 'received whole twice').toBe(0)
}

/** The same calls, and as many as the longest cell has, of the function without the plugin. */
export async function runControl(platform: Platform, folder: string): Promise<readonly Answer[]> {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const deployed = await platform.column.deploy(folder, { cell: platform.cell, receiver })
  const { answers } = await play(deployed, receiver, undefined, { probes: MOST_PROBES, fails: 'never' }, platform)
  await deployed.evict()
  return answers
}

async function play(
  deployed: Deployed,
  receiver: Receiver,
  row: FaultRow | undefined,
  { probes = 1, fails }: Expected,
  { intervalMs }: Platform,
): Promise<Played> {
  const answers: Answer[] = []
  const quietMs = QUIET_MS[fails]
  /** Nobody waits for a server's flush. */
  const flushed = async () => {
    if (!intervalMs || !row) return
    for (let arrived = -1; arrived !== receiver.spans.length; await sleep(quietMs)) arrived = receiver.spans.length
  }
  const spans = row?.spans ?? 3
  const call = async (more: object = {}) => {
    const event = { n: answers.length, spans: answers.length === 0 ? 3 : spans, ...more }
    answers.push(await deployed.call({ event, path: `/?event=${encodeURIComponent(JSON.stringify(event))}` }))
  }
  await call()
  if (row && !neverIsWell(row)) await receiver.waitForSpans(4)
  await flushed()
  const attemptsBefore = receiver.attempts
  await receiver.set(row?.fault ?? {})
  const begun = performance.now()
  let movedMs = 0
  for (let n = 1; n <= INVOCATIONS; n++) {
    await row?.before?.(n, receiver)
    const isMoved = row?.clock && n % row.clock.every === 0
    if (isMoved) movedMs += row.clock.ms
    await call({ ...(isMoved && { moveClockMs: row.clock.ms }), error: n === row?.errorIn })
  }
  await flushed()
  await call({ report: true })
  await flushed()
  const attempts = receiver.attempts - attemptsBefore
  const elapsedMs = performance.now() - begun + movedMs
  const arrivedBefore = new Set(receiver.spans.map(({ traceId, spanId }) => `${traceId}/${spanId}`))
  await receiver.set({ mode: 'ok', delayMs: 0, retryAfter: undefined })
  for (let n = 0; n < probes; n++) await call({ moveClockMs: PAUSE_IS_OVER_MS })
  if (row && !neverIsWell(row)) await receiver.waitForSpans(arrivedBefore.size + 1)
  await flushed()
  // Takes along what the root before could not say of itself.
  await call({ report: true })
  return { answers, attempts, elapsedMs, arrivedBefore }
}

function neverIsWell({ endpoint, receiver }: FaultRow): boolean {
  return Boolean(endpoint ?? receiver?.tls)
}

/** Those after the first failure, in the order of their time: each quantile less that of the function without the plugin. */
function compare(answers: readonly Answer[], control: readonly Answer[]): Pick<FaultResult, 'added' | 'billed'> {
  const under = (all: readonly Answer[], of: (answer: Answer) => number) => all.slice(2, INVOCATIONS + 1).map(of)
  const added = (of: (answer: Answer) => number, q: number) =>
    quantile(under(answers, of), q) - quantile(under(control, of), q)
  const response = ({ responseMs }: Answer) => responseMs
  const busy = ({ responseMs, afterMs = NaN }: Answer) => responseMs + afterMs
  return {
    added: { p50: added(response, 0.5), p99: added(response, 0.99) },
    billed: {
      p50: added(busy, 0.5),
      most: Math.max(...answers.slice(1, INVOCATIONS + 1).map(busy)) - quantile(under(control, busy), 0.5),
    },
  }
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(q * values.length) - 1]!
}
