import { accept, readBody, refuse, reply } from './api-reply.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiRoutes } from './api-server.ts'
import type { InvokeError, Invocation } from './invocation.ts'
import type { Journal } from './journal.ts'

export interface ManagedRuntimeApi {
  routes: ApiRoutes
  /** To the `/next` that has waited longest, as soon as there is one and fewer than the maximum are running. */
  invoke(invocation: Invocation): void
}

export interface ManagedRuntimeApiOptions {
  journal: Journal
  functionArn: string
  maxConcurrency: number
  timeoutMs: number
  /** @param waiting how many `/next` are open */
  onNext(waiting: number): void
  onInitError(error: InvokeError): void
}

const PREFIX = '/2018-06-01/runtime'
const RE_ANSWER = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/

/**
 * The Runtime API of Lambda Managed Instances: each worker asks for its next invocation while it still has others, and
 * may answer them in any order. Buffered answers only.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html
 */
export function createManagedRuntimeApi(options: ManagedRuntimeApiOptions): ManagedRuntimeApi {
  const { journal, functionArn, maxConcurrency, timeoutMs, onNext, onInitError } = options
  const waiting: ServerResponse[] = []
  const queued: Invocation[] = []
  const running = new Map<string, Invocation>()
  let served = 0

  function dispatch(): void {
    while (waiting.length > 0 && queued.length > 0 && running.size < maxConcurrency) {
      const invocation = queued.shift()!
      running.set(invocation.requestId, invocation)
      invocation.release(served++ === 0)
      journal.record('invoke-released', { requestId: invocation.requestId })
      reply(waiting.shift()!, 200, invocation.event, {
        'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeoutMs),
        'Lambda-Runtime-Invoked-Function-Arn': functionArn,
      })
    }
  }

  async function answer(id: string, isError: boolean, request: IncomingMessage, response: ServerResponse) {
    const bytes = await readBody(request)
    const invocation = running.get(id)
    if (!invocation) return refuse(response, 400, 'InvalidRequestID', `not an open invocation: ${id}`)
    running.delete(id)
    invocation.result.chunks.push({ at: performance.now(), bytes })
    journal.record('response-last-byte', { requestId: id })
    invocation.answer(isError ? (JSON.parse(bytes.toString()) as InvokeError) : undefined)
    invocation.finish() // nothing is frozen, and nothing is waited for
    accept(response)
    dispatch()
  }

  return {
    routes(request, response) {
      const { method, url = '' } = request
      const target = method === 'POST' ? RE_ANSWER.exec(url) : undefined
      if (method === 'GET' && url === `${PREFIX}/invocation/next`) {
        waiting.push(response)
        onNext(waiting.length)
        dispatch()
      } else if (method === 'POST' && url === `${PREFIX}/init/error`) {
        void readBody(request).then((body) => {
          accept(response)
          onInitError(JSON.parse(body.toString()) as InvokeError)
        })
      } else if (target) {
        answer(decodeURIComponent(target[1]!), target[2] === 'error', request, response).catch(() => {}) // killed while sending
      } else return false
      return true
    },
    invoke(invocation) {
      queued.push(invocation)
      dispatch()
    },
  }
}
