/** The ledger of started spans against those that the collector has. */
import { expect } from 'vitest'
import type { Scenario } from '../functions/scenarios.ts'
import { compareLedger } from '../harness/ledger.ts'
import type { ReceivedSpan } from '../harness/otlp-receiver.ts'
import { expected } from './expected.ts'
import type { StartedSpan } from './ledger.ts'

export interface Call {
  readonly id: string
  readonly scenario: Scenario
  /** On the clock of the receiver's requests. */
  readonly answeredAt: number
  /** The remote parent; without it the root has none. */
  readonly parent: { traceId: string; spanId: string } | undefined
  /** Not checked when undefined. */
  readonly cold: boolean | undefined
}

const SERVER = 2
const ERROR = 2

export function expectSpans(
  calls: readonly Call[],
  started: readonly StartedSpan[],
  received: readonly ReceivedSpan[],
  seesStatus: boolean,
): void {
  const { lost, duplicated, unexpected } = compareLedger(started, received)
  const ids = new Set(calls.map(({ id }) => id))
  const lostOfCalls = (lost as StartedSpan[]).filter(({ id }) => ids.has(id)).map(({ id, name }) => `${name} of ${id}`)
  expect({ lost: lostOfCalls, duplicated, unexpected }).toEqual({ lost: [], duplicated: [], unexpected: [] })

  const known = join(started, received)
  expect(calls.map((call) => toInvocation(call, known))).toEqual(calls.map((call) => toExpected(call, seesStatus)))
  const traces = new Set(known.filter(({ span }) => ids.has(span.id)).map(({ traceId }) => traceId))
  expect(traces.size, 'a trace for each invocation').toBe(calls.length)
}

type Known = ReceivedSpan & { span: StartedSpan }

function join(started: readonly StartedSpan[], received: readonly ReceivedSpan[]): Known[] {
  const bySpan = new Map(started.map((span) => [key(span), span]))
  return received.map((span) => ({ ...span, span: bySpan.get(key(span))! }))
}

function key(span: { traceId: string; spanId: string | undefined }): string {
  return `${span.traceId}/${span.spanId}`
}

/** What became of one invocation; a span that hangs below another one's shows it in its path. */
function toInvocation({ id, scenario, cold, parent }: Call, known: readonly Known[]) {
  const bySpan = new Map(known.map((one) => [key(one), one]))
  const pathOf = ({ traceId, parentSpanId, span }: Known): string => {
    const above = bySpan.get(key({ traceId, spanId: parentSpanId }))
    const name = span.id === id ? span.name : `${span.name} of ${span.id}`
    return above ? `${pathOf(above)}/${name}` : name
  }
  const spans = known.filter(({ span }) => span.id === id)
  const root = spans.find(({ span }) => span.name === 'root')
  return {
    scenario,
    spans: spans.map(pathOf).toSorted(),
    kind: root?.kind,
    parent: root?.parentSpanId,
    ...(parent && { traceId: root?.traceId }),
    status: root?.status.code,
    errorType: root?.attributes['error.type'],
    ...(expected[scenario].answer && { httpStatus: root?.attributes['http.response.status_code'] }),
    ...(cold !== undefined && { cold: root?.attributes['faas.coldstart'] }),
  }
}

function toExpected({ scenario, cold, parent }: Call, seesStatus: boolean): ReturnType<typeof toInvocation> {
  const { spans, answer, errorType } = expected[scenario]
  // An error that is nothing but a status can only be known where the status is.
  const error = answer && !seesStatus ? undefined : errorType
  return {
    scenario,
    spans: spans.toSorted(),
    kind: SERVER,
    parent: parent?.spanId,
    ...(parent && { traceId: parent.traceId }),
    status: error ? ERROR : 0,
    errorType: error,
    ...(answer && { httpStatus: seesStatus ? answer.status : undefined }),
    ...(cold !== undefined && { cold }),
  }
}
