import { accept, readBody, refuse, reply } from './api-reply.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiRoutes } from './api-server.ts'
import type { InvokeError, Invocation } from './invocation.ts'
import type { Journal } from './journal.ts'

/**
 * started →(/next) ready →(release) running →(answer begins) response →(answer ends) response-sent →(/next) ready.
 * Every other call is refused.
 */
export type RuntimeState = 'started' | 'ready' | 'running' | 'response' | 'response-sent'

export interface RuntimeApi {
  readonly state: RuntimeState
  routes: ApiRoutes
  /**
   * The JavaScript client is about to ask for the next invocation. The addon asks from a thread of its own, at once and
   * also while the event loop is busy, so the announcement counts as the request; that one follows when it can.
   */
  announceNext(): void
  /** Resolves when the announced request is here: a frozen client still has to send it. */
  nextArrived(): Promise<void>
  /** Hands the invocation to the waiting `/next`. */
  release(invocation: Invocation, deadlineMs: number): void
}

export interface RuntimeApiOptions {
  journal: Journal
  functionArn: string
  /** The runtime asked for an invocation: init or the invocation before has ended on its side. */
  onNext(): void
  onInitError(error: InvokeError): void
}

const PREFIX = '/2018-06-01/runtime'
const RE_ANSWER = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/
const MAX_BUFFERED_BYTES = 6 * 1024 * 1024 + 100
/** How long the exit of a process may become known after its sockets have closed. */
const EXIT_NEWS_MS = 250
const ERROR_BODY_TRAILER = 'lambda-runtime-function-error-body'

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html */
export function createRuntimeApi(options: RuntimeApiOptions): RuntimeApi {
  const { journal, functionArn, onNext, onInitError } = options
  let state: RuntimeState = 'started'
  let announced = false
  let waiting: ServerResponse | undefined
  let onArrival: (() => void) | undefined
  let current: Invocation | undefined

  function next(response: ServerResponse): void {
    if (!announced && !mayAsk()) return refuseTransition(response, state)
    waiting = response
    if (!announced) becomeReady()
    announced = false
    onArrival?.()
  }

  function mayAsk(): boolean {
    return state === 'started' || state === 'response-sent'
  }

  function becomeReady(): void {
    state = 'ready'
    journal.record('runtime-next')
    onNext()
  }

  async function initError(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    if (state !== 'started') return refuseTransition(response, state)
    accept(response)
    onInitError(parseError(body))
  }

  function answer(id: string, kind: string, request: IncomingMessage, response: ServerResponse) {
    const mode = request.headers['lambda-runtime-function-response-mode']
    if (!current) return refuseTransition(response, state)
    if (id !== current.requestId || state !== 'running') {
      return refuse(response, 400, 'InvalidRequestID', `not the open invocation: ${id}`)
    }
    if (mode !== undefined && mode !== 'streaming') {
      return refuse(response, 400, 'InvalidFunctionResponseMode', `unknown mode ${mode}`)
    }
    state = 'response'
    receive(current, kind === 'error', request, response)
  }

  function receive(invocation: Invocation, isError: boolean, request: IncomingMessage, response: ServerResponse): void {
    const { requestId, result } = invocation
    let size = 0
    result.streaming = 'lambda-runtime-function-response-mode' in request.headers
    result.headers = flatten(request.headers)
    request.on('data', (bytes: Buffer) => {
      if (size === 0) journal.record('response-first-byte', { requestId })
      size += bytes.length
      if (result.streaming || size <= MAX_BUFFERED_BYTES) {
        result.chunks.push({ at: performance.now(), bytes })
      }
    })
    const finish = (error?: InvokeError) => {
      if (error) journal.record('invoke-error', { requestId, errorType: error.errorType })
      journal.record('response-last-byte', { requestId, bytes: size })
      state = 'response-sent'
      invocation.answer(error)
      if (announced) becomeReady() // the pipe was faster than the socket
    }
    request.on('end', () => {
      result.trailers = flatten(request.trailers)
      if (!result.streaming && size > MAX_BUFFERED_BYTES) {
        const errorMessage = `Response payload size exceeded maximum allowed payload size (6291556 bytes).`
        finish({ errorType: 'Function.ResponseSizeTooLarge', errorMessage })
        return refuse(response, 413, 'RequestEntityTooLarge', errorMessage)
      }
      finish(isError ? parseError(result.body) : trailingError(result.trailers))
      accept(response)
    })
    // When the process died, its exit is the error, and the news of it may come after that of the broken connection.
    request.on('error', () => {
      setTimeout(() => {
        if (invocation.isAnswered) return
        finish({ errorType: 'Runtime.TruncatedResponse', errorMessage: 'Response was truncated.' })
      }, EXIT_NEWS_MS)
    })
  }

  return {
    get state() {
      return state
    },
    routes(request, response) {
      const { method, url = '' } = request
      const target = method === 'POST' ? RE_ANSWER.exec(url) : undefined
      if (method === 'GET' && url === `${PREFIX}/invocation/next`) next(response)
      else if (method === 'POST' && url === `${PREFIX}/init/error`) initError(request, response).catch(() => {}) // killed while sending
      else if (target) answer(decodeURIComponent(target[1]!), target[2]!, request, response)
      else return false
      return true
    },
    announceNext() {
      announced = true
      if (mayAsk()) becomeReady()
    },
    nextArrived() {
      if (waiting) return Promise.resolve()
      return new Promise((resolve) => {
        onArrival = resolve
      })
    },
    release(invocation, deadlineMs) {
      const { traceHeader, clientContext } = invocation.options
      state = 'running'
      current = invocation
      const response = waiting!
      waiting = undefined
      reply(response, 200, invocation.event, {
        'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
        'Lambda-Runtime-Deadline-Ms': String(deadlineMs),
        'Lambda-Runtime-Invoked-Function-Arn': functionArn,
        ...(traceHeader !== undefined && { 'Lambda-Runtime-Trace-Id': traceHeader }),
        ...(clientContext !== undefined && {
          'Lambda-Runtime-Client-Context': JSON.stringify(clientContext),
        }),
      })
    },
  }
}

function refuseTransition(response: ServerResponse, state: RuntimeState): void {
  refuse(response, 403, 'InvalidStateTransition', `not allowed while the runtime is ${state}`)
}

function trailingError(trailers: Record<string, string>): InvokeError | undefined {
  const encoded = trailers[ERROR_BODY_TRAILER]
  return encoded === undefined ? undefined : parseError(Buffer.from(encoded, 'base64'))
}

function parseError(body: Buffer): InvokeError {
  try {
    return JSON.parse(body.toString()) as InvokeError
  } catch {
    return { errorType: 'Runtime.Unknown', errorMessage: body.toString() }
  }
}

function flatten(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}
