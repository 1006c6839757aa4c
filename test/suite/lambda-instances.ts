/** The instances of a function of AWS Lambda, or of what is deployed there: one at a time, and a new one once it is evicted. */
import { onTestFinished } from 'vitest'
import { startLambda, type InvokeResult, type LambdaHost, type LambdaOptions } from '../harness/lambda-host.ts'
import type { Deployment } from './driver.ts'
import { startedIn } from './ledger.ts'

export interface LambdaInstances extends Pick<Deployment, 'evict' | 'startedSpans'> {
  /** A cold start, if there is none. */
  invoke(event: unknown): Promise<InvokeResult>
  /** Of all instances; complete once `evict` has resolved. */
  output(): string
}

export function lambdaInstances(options: LambdaOptions): LambdaInstances {
  const instances: LambdaHost[] = []
  let current: Promise<LambdaHost> | undefined
  let frozen: Promise<unknown> = Promise.resolve()
  const start = async () => {
    const instance = await startLambda(options)
    onTestFinished(() => instance.stop())
    instances.push(instance)
    return instance
  }
  const output = () => instances.map((instance) => instance.output).join('')
  return {
    async invoke(event) {
      const instance = await (current ??= start())
      const result = await instance.invoke(event)
      frozen = result.finished
      return result
    },
    async evict() {
      const instance = await current
      if (!instance) return
      await frozen
      if (instance.state !== 'dead') process.kill(-instance.pid, 'SIGKILL')
      await instance.stop()
      current = undefined
    },
    startedSpans: () => startedIn(output()),
    output,
  }
}
