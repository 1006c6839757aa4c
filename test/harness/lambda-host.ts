import { createEnvironment } from './environment.ts'
import { createInvocation } from './invocation.ts'
import { createJournal } from './journal.ts'
import type { Environment } from './environment.ts'
import type { Invocation } from './invocation.ts'
import type { LambdaHost, LambdaOptions } from './lambda-options.ts'

export type { InvokeError, InvokeOptions, InvokeResult } from './invocation.ts'
export type { ExternalExtension, LambdaHost, LambdaOptions, LambdaState } from './lambda-options.ts'

/**
 * Runs a built handler under AWS's own runtime interface client, against a Runtime API and an Extensions API that
 * keep the platform's order of events. Resolves when init is done; rejects with the init error and what was printed.
 */
export async function startLambda(options: LambdaOptions): Promise<LambdaHost> {
  const journal = options.journal ?? createJournal()
  let output = ''
  let environment: Environment
  let stopped = false
  let queue: Promise<void> = Promise.resolve()

  async function boot(): Promise<void> {
    environment = await createEnvironment(options, journal, (text) => {
      output += text
    })
    await environment.init()
  }

  async function serve(invocation: Invocation): Promise<void> {
    try {
      if (environment.state === 'dead' && !stopped) await boot()
    } catch (error) {
      // The cold start after a reset happens inside an invocation: its caller gets the init error.
      invocation.answer({
        errorType: 'Sandbox.InitFailed',
        errorMessage: (error as Error).message,
      })
      return invocation.finish()
    }
    if (stopped) return invocation.abandon(new Error('the Lambda host was stopped'))
    await environment.invoke(invocation)
  }

  await boot().catch((error: Error) => {
    throw new Error(`${error.message}\n--- output of the function ---\n${output}`, {
      cause: error,
    })
  })

  return {
    invoke(event, invokeOptions) {
      const invocation = createInvocation(event, invokeOptions)
      queue = queue.then(() => serve(invocation))
      return invocation.answered
    },
    get output() {
      return output
    },
    get pid() {
      return environment.pid
    },
    get state() {
      return environment.state
    },
    get coldStart() {
      const { spawnToFirstNextMs, registered } = environment
      return { spawnToFirstNextMs, registered }
    },
    async stop() {
      stopped = true
      await environment.stop()
      await queue
      await environment.stop() // another one, when a cold start was under way
    },
  }
}
