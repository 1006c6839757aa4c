/**
 * The internal Lambda extension: the platform sends the response when the runtime posts it and freezes
 * the environment only when every extension asked for the next event, so what is exported in between
 * costs the caller nothing. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 *
 * What makes it safe: it registers only if the deployed handler is wrapped; it holds an invocation only
 * once the wrapper has begun; it always asks for the next event again; two refusals end it.
 */
import type { Env } from '../contract.ts'
import { quietly } from './quietly.ts'
import { builtin, type Http } from './transport-node.ts'
import { within } from './within.ts'

const NAME = 'unplugin-otel'
const REGISTER_TIMEOUT_MS = 1000
/** How long an INVOKE event waits for its wrapper to begin: parsing a 6 MB event takes this long. */
const BEGIN_TIMEOUT_MS = 100
/** Asking for the next event this long before the deadline still ends the invocation in time. */
const DEADLINE_MARGIN_MS = 50

export interface Extension {
  /** Holds the environment until `done` settles. False: too late for this invocation, or refused. */
  hold(requestId: string, done: Promise<void>): boolean
}

interface Answer {
  readonly status: number
  readonly header: (name: string) => string | undefined
  readonly text: string
}

/** Undefined: refused. The socket of this request keeps the process alive: an awaited request that does not ends it. */
export async function registerExtension(env: Env): Promise<Extension | undefined> {
  const http = builtin<Http>('node:http')
  const api = env['AWS_LAMBDA_RUNTIME_API']
  if (!http || !api) return undefined
  const base = `http://${api}/2020-01-01/extension`
  // Its own socket: the next event may be minutes away, and nothing may queue behind it.
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answer = await request(
    http,
    agent,
    'POST',
    `${base}/register`,
    { 'lambda-extension-name': NAME },
    '{"events":["INVOKE"]}',
    REGISTER_TIMEOUT_MS,
  )
  const id = answer?.status === 200 ? answer.header('lambda-extension-identifier') : undefined
  if (!id) return undefined
  const holds = createHolds()
  void listen(() => request(http, agent, 'GET', `${base}/event/next`, { 'lambda-extension-identifier': id }), holds)
  return holds
}

interface Holds extends Extension {
  ended: boolean
  /** Settles when the invocation may be frozen. */
  released(requestId: string, deadlineMs: number): Promise<void>
}

function createHolds(): Holds {
  const begun = new Map<string, Promise<void>>()
  const waiting = new Map<string, (done: Promise<void>) => void>()
  const missed = new Set<string>()
  let everBegan = false
  let everMissed = false
  return {
    ended: false,
    hold(requestId, done) {
      everBegan = true
      if (this.ended || missed.has(requestId)) return false
      begun.set(requestId, done)
      waiting.get(requestId)?.(done)
      return true
    },
    async released(requestId, deadlineMs) {
      let done = begun.get(requestId)
      // An entry whose wrapper never ran once is not the deployed handler: do not wait for it again.
      if (!done && (everBegan || !everMissed)) {
        const begins = new Promise<void>((resolve) => waiting.set(requestId, () => resolve()))
        await within(BEGIN_TIMEOUT_MS, begins)
        waiting.delete(requestId)
        done = begun.get(requestId)
      }
      if (done) await within(Math.max(0, deadlineMs - DEADLINE_MARGIN_MS - Date.now()), done)
      else {
        everMissed = true
        missed.clear()
        missed.add(requestId)
      }
      begun.delete(requestId)
    },
  }
}

async function listen(next: () => Promise<Answer | undefined>, holds: Holds): Promise<void> {
  for (let refusals = 0; refusals < 2;) {
    const answer = await next()
    if (answer?.status !== 200) {
      refusals++
      continue
    }
    refusals = 0
    const event = quietly(() => JSON.parse(answer.text) as { requestId: string; deadlineMs: number })
    if (event) await holds.released(event.requestId, event.deadlineMs)
  }
  holds.ended = true
}

/** Undefined on a connection error. Without `timeoutMs` the request may wait forever and is unreferenced. */
function request(
  http: Http,
  agent: object,
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
  timeoutMs?: number,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const call = http.request(new URL(url), { method, headers, agent })
    call.on('socket', (socket) => (timeoutMs === undefined ? socket.unref() : socket.ref()))
    if (timeoutMs !== undefined) call.setTimeout(timeoutMs, () => call.destroy(new Error('timeout')))
    call.on('error', () => resolve(undefined))
    call.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => (text += chunk))
      const done = () => resolve({ status: response.statusCode, header: (name) => response.headers[name], text })
      response.on('end', done)
      response.on('aborted', done)
      response.on('error', done)
    })
    call.end(body)
  })
}
