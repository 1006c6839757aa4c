/** The function with the plugin, beside the same one without: what every behaviour is tried on. */
import { expect, onTestFinished } from 'vitest'
import type { Options } from 'unplugin-otel/esbuild'
import type { Scenario } from '../functions/scenarios.ts'
import { startReceiver, type Receiver, type ReceiverChanges } from '../harness/otlp-receiver.ts'
import type { Deployment, Driver, InvokeInit, Result } from './driver.ts'
import { expected } from './expected.ts'
import { expectSpans, type Call } from './spans.ts'

export interface Subject {
  readonly receiver: Receiver
  readonly traced: Deployment
  /** Invokes both, and expects the same bytes, status and error from both: those of the scenario. */
  call(scenario: Scenario, init?: CallInit): Promise<Call>
  /** Evicts, and expects the spans of these calls, complete and once. */
  expectSpans(calls: Call[]): Promise<void>
}

interface CallInit extends InvokeInit {
  cold?: boolean
  parent?: Call['parent']
}

/** Far beyond what any behaviour may take: whoever is not answered by then is not answered. */
const ANSWER_MS = 10_000

export async function deployBoth(
  driver: Driver,
  options: { otel?: Options; receiver?: ReceiverChanges } = {},
): Promise<Subject> {
  const receiver = await startReceiver(options.receiver)
  onTestFinished(() => receiver.stop())
  const traced = await driver.deploy({ otel: options.otel ?? {}, receiver })
  const control = await driver.deploy({ otel: false, receiver })
  let calls = 0

  return {
    receiver,
    traced,
    async call(scenario, { cold, parent, ...init } = {}) {
      const id = String(++calls)
      const path = `/scenario/${scenario}/${id}`
      const without = visible(await answered(control.invoke(path, init)))
      const result = visible(await answered(traced.invoke(path, init)))
      const answeredAt = performance.now()
      expect(result, `${scenario}: the answer, as without the plugin`).toEqual(without)
      const { answer, begins } = expected[scenario]
      if (answer) expect(result).toMatchObject({ ...answer, error: undefined })
      else if (begins) expect(result.body.startsWith(begins), `${scenario} begins`).toBe(true)
      else expect(result.error ?? result.status, `${scenario} is an error`).not.toBeOneOf([undefined, 200])
      return { id, scenario, answeredAt, cold, parent }
    },
    async expectSpans(of) {
      await traced.evict()
      expectSpans(of, traced.startedSpans(), receiver.spans, driver.seesStatus)
      await control.evict()
      expect(traced.outcomes?.(), 'what the platform noted, as without the plugin').toEqual(control.outcomes?.())
    },
  }
}

function visible({ status, headers, body, error }: Result) {
  return { status, headers, body: body.toString('latin1'), error }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`the caller has no answer after ${ANSWER_MS} ms`)), ANSWER_MS)
  return Promise.race([answer, promise]).finally(() => clearTimeout(timer))
}
