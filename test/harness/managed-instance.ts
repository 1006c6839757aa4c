import { setTimeout as sleep } from 'node:timers/promises'
import { refuse } from './api-reply.ts'
import { startApiServer } from './api-server.ts'
import { FUNCTION_ARN, functionEnv } from './function-env.ts'
import { createInvocation } from './invocation.ts'
import { createJournal } from './journal.ts'
import { createManagedRuntimeApi } from './managed-runtime-api.ts'
import { createSandbox } from './sandbox.ts'
import type { ApiRoutes } from './api-server.ts'
import type { InvokeResult } from './invocation.ts'
import type { LambdaOptions } from './lambda-options.ts'

export interface ManagedInstanceOptions extends Omit<
  LambdaOptions,
  'freeze' | 'registration' | 'externalExtensions' | 'initializationType'
> {
  /** Threads of the runtime client, `AWS_LAMBDA_NODEJS_WORKER_COUNT`. On AWS 8 for each CPU. @default 2 */
  workers?: number
  /** `AWS_LAMBDA_MAX_CONCURRENCY`, of the environment. @default 64 */
  maxConcurrency?: number
}

export interface ManagedInstance {
  invoke(event: unknown): Promise<InvokeResult>
  /** stdout and stderr so far. */
  readonly output: string
  /** The platform ends the environment: SIGTERM, which the main thread gets alone, and SIGKILL if that does not end it. */
  end(): Promise<void>
}

const GRACE_MS = 2000

/**
 * An environment of Lambda Managed Instances under AWS's own runtime client, which starts worker threads there: many
 * invocations at once, no INVOKE events, no freeze. Resolves when each worker has asked for its first invocation.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-execution-environment.html
 */
export async function startManagedInstance(options: ManagedInstanceOptions): Promise<ManagedInstance> {
  const { journal = createJournal(), workers = 2, maxConcurrency = 64, timeoutMs = 3000 } = options
  const initialised = Promise.withResolvers<void>()
  let output = ''
  const runtimeApi = createManagedRuntimeApi({
    journal,
    functionArn: FUNCTION_ARN,
    maxConcurrency,
    timeoutMs,
    onNext: (waiting) => waiting === workers && initialised.resolve(),
    onInitError: ({ errorType, errorMessage }) =>
      initialised.reject(new Error(`${errorType}: ${errorMessage}\n${output}`)),
  })
  // What subscribes to an event is refused.
  const extensionsApi: ApiRoutes = (request, response) => {
    if (!request.url?.startsWith('/2020-01-01/extension')) return false
    journal.record('register', { name: request.headers['lambda-extension-name'], accepted: false })
    refuse(response, 403, 'Extension.InvalidEventType', 'No events allowed for internal extensions')
    return true
  }
  const api = await startApiServer(runtimeApi.routes, extensionsApi)
  const variables = {
    AWS_LAMBDA_MAX_CONCURRENCY: String(maxConcurrency),
    AWS_LAMBDA_NODEJS_WORKER_COUNT: String(workers),
    ...options.env,
  }
  const lambda = { ...options, env: variables, initializationType: 'lambda-managed-instances' }
  const sandbox = createSandbox({
    lambda,
    env: functionEnv(lambda, api.address),
    journal,
    onOutput: (text) => void (output += text),
    onRuntimeExit: (code, signal) => initialised.reject(new Error(`ended: ${code ?? signal}\n${output}`)),
    onExternalExit() {},
    onNextAnnounced() {},
  })
  sandbox.startRuntime()
  const runtime = sandbox.runtime!

  async function end(): Promise<void> {
    journal.record('sigterm')
    runtime.signal('SIGTERM')
    const grace = new AbortController()
    await Promise.race([runtime.ended, sleep(GRACE_MS, undefined, { signal: grace.signal }).catch(() => {})])
    grace.abort()
    runtime.signal('SIGKILL')
    await runtime.ended
    api.close()
  }

  await initialised.promise.catch(async (error: unknown) => {
    await end()
    throw error
  })
  return {
    invoke(event) {
      const invocation = createInvocation(event)
      runtimeApi.invoke(invocation)
      return invocation.answered
    },
    get output() {
      return output
    },
    end,
  }
}
