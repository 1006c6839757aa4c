import { startApiServer } from './api-server.ts'
import { createExtensionsApi } from './extensions-api.ts'
import { FUNCTION_ARN, functionEnv, functionIdentity } from './function-env.ts'
import * as errors from './platform-errors.ts'
import { createRuntimeApi } from './runtime-api.ts'
import { createSandbox } from './sandbox.ts'
import { shutDown } from './shutdown.ts'
import type { Invocation, InvokeError } from './invocation.ts'
import type { Journal } from './journal.ts'
import type { LambdaOptions, LambdaState } from './lambda-options.ts'
import type { ShutdownReason } from './shutdown.ts'

/** One execution environment, from its cold start to its end. After a reset the host creates a new one. */
export interface Environment {
  readonly state: LambdaState
  readonly pid: number
  readonly spawnToFirstNextMs: number
  readonly registered: string[]
  init(): Promise<void>
  /** Resolves when the environment is done with it: finished, or reset. */
  invoke(invocation: Invocation): Promise<void>
  stop(): Promise<void>
}

export async function createEnvironment(
  options: LambdaOptions,
  journal: Journal,
  onOutput: (text: string) => void,
): Promise<Environment> {
  const { externalExtensions = [], timeoutMs = 3000, initTimeoutMs = 10_000 } = options
  const onDemand = (options.initializationType ?? 'on-demand') === 'on-demand'
  const externalsRegistered = Promise.withResolvers<void>()
  const initialised = Promise.withResolvers<void>()
  for (const { promise } of [externalsRegistered, initialised]) promise.catch(() => {})
  let state: LambdaState = 'init'
  let spawnedAt = NaN
  let firstNextAt: number | undefined
  let current: { invocation: Invocation; over: () => void } | undefined
  let served = 0
  let deadline: NodeJS.Timeout | undefined
  let ending: Promise<void> | undefined

  const extensions = createExtensionsApi({
    journal,
    externalNames: externalExtensions.map((extension) => extension.name),
    registration: options.registration ?? 'allow',
    identity: functionIdentity(options),
    onChange: advance,
    onAgentError: ({ name }, errorType) => {
      fail({ errorType, errorMessage: `extension ${name} reported an error` })
    },
  })
  const runtime = createRuntimeApi({
    journal,
    functionArn: FUNCTION_ARN,
    onNext() {
      closeRegistration()
      advance()
    },
    onInitError: fail,
  })
  const api = await startApiServer(runtime.routes, extensions.routes)
  const sandbox = createSandbox({
    lambda: options,
    env: functionEnv(options, api.address),
    journal,
    onOutput,
    onRuntimeExit: (code, signal) => fail(errors.runtimeExited(code, signal)),
    onExternalExit: (name) => fail(errors.extensionExited(name)),
    onNextAnnounced: () => runtime.announceNext(),
  })

  function closeRegistration(): void {
    if (firstNextAt !== undefined) return
    firstNextAt = journal.record('registration-closed').at
    extensions.closeRegistration()
  }

  /** Looks whether init or the invocation is over; called whenever somebody began to wait. */
  function advance(): void {
    const names = new Set(extensions.agents.map((agent) => agent.name))
    if (externalExtensions.every(({ name }) => names.has(name))) externalsRegistered.resolve()
    if (runtime.state !== 'ready') return
    if (state === 'init' && extensions.everyAgentWaits()) {
      state = 'ready'
      journal.record('init-done')
      // On demand, an invocation is already waiting for the end of init; otherwise nothing is.
      if (!onDemand) freeze()
      initialised.resolve()
    } else if (state === 'running' && extensions.everyInvokeAgentWaits()) {
      clearTimeout(deadline)
      state = 'ready'
      journal.record('invoke-finished', { requestId: current?.invocation.requestId })
      freeze()
      endInvocation()
    }
  }

  function endInvocation(): void {
    const ended = current
    current = undefined
    ended?.invocation.finish()
    ended?.over()
  }

  function freeze(): void {
    if (options.freeze === false) return
    sandbox.freeze()
    state = 'frozen'
    journal.record('freeze')
  }

  function thaw(): void {
    if (state !== 'frozen') return
    journal.record('thaw')
    state = 'ready'
    sandbox.thaw()
  }

  /** Ends the environment; the pending caller, if any, gets the error. */
  function fail(error: InvokeError, reason: ShutdownReason = 'failure'): void {
    if (state === 'dead') return
    journal.record('reset', { reason, errorType: error.errorType })
    void end(error, reason)
  }

  function end(error: InvokeError, reason: ShutdownReason): Promise<void> {
    state = 'dead'
    clearTimeout(deadline)
    if (current && !current.invocation.isAnswered) {
      const { requestId } = current.invocation
      journal.record('invoke-error', { requestId, errorType: error.errorType })
      current.invocation.answer(error)
    }
    ending ??= shutDown(sandbox, extensions, reason, journal).then(() => {
      api.close()
      endInvocation()
      const failure = new Error(`${error.errorType}: ${error.errorMessage}`)
      externalsRegistered.reject(failure)
      initialised.reject(failure) // no effect when init was done
    })
    return ending
  }

  return {
    get state() {
      return state
    },
    get pid() {
      return sandbox.runtime?.pid ?? -1
    },
    get spawnToFirstNextMs() {
      return (firstNextAt ?? NaN) - spawnedAt
    },
    get registered() {
      return extensions.agents.map((agent) => agent.name)
    },
    async init() {
      const budget = setTimeout(() => fail(errors.INIT_TIMED_OUT, 'timeout'), initTimeoutMs)
      try {
        sandbox.startExternals()
        advance()
        await externalsRegistered.promise
        spawnedAt = performance.now()
        sandbox.startRuntime()
        await initialised.promise
      } finally {
        clearTimeout(budget)
      }
    },
    async invoke(invocation) {
      const { requestId } = invocation
      const over = Promise.withResolvers<void>()
      current = { invocation, over: over.resolve }
      thaw()
      await Promise.race([runtime.nextArrived(), over.promise])
      if (state !== 'ready') return over.promise // a process ended before it could be released
      state = 'running'
      const deadlineMs = Date.now() + timeoutMs
      // It counts until the extensions are done too, not only until the response.
      deadline = setTimeout(() => {
        journal.record('timeout', { requestId })
        invocation.result.timedOut = true
        fail(errors.invokeTimedOut(requestId, timeoutMs), 'timeout')
      }, timeoutMs)
      journal.record('invoke-released', { requestId })
      extensions.publish({
        eventType: 'INVOKE',
        deadlineMs,
        requestId,
        invokedFunctionArn: FUNCTION_ARN,
        tracing: { type: 'X-Amzn-Trace-Id', value: invocation.options.traceHeader ?? '' },
      })
      // Only now: writing the event to the extensions takes longer than a small handler does.
      invocation.release(served++ === 0)
      runtime.release(invocation, deadlineMs)
      await over.promise
    },
    stop: () => end(errors.STOPPED, 'spindown'),
  }
}
