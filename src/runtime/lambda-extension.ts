/**
 * The internal Lambda extension: the platform sends the response when the runtime posts it and freezes
 * the environment only when every extension asked for the next event, so what is exported in between
 * costs the caller nothing. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
 *
 * What makes it safe: it registers only if the deployed handler is wrapped; it holds an invocation only
 * once the wrapper has begun; it always asks for the next event again; two refusals end it.
 */
import { complain, quietly } from './quietly.ts'
import { exchange, type Answer } from './runtime-api.ts'
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

/** Undefined: refused. The socket of this request keeps the process alive: an awaited request that does not ends it. */
export async function registerExtension(api: string): Promise<Extension | undefined> {
  const path = '/2020-01-01/extension'
  const answer = await exchange({
    api,
    line: `POST ${path}/register`,
    headers: { 'lambda-extension-name': NAME },
    body: '{"events":["INVOKE"]}',
    timeoutMs: REGISTER_TIMEOUT_MS,
  })
  const id = answer.status === 200 && /^lambda-extension-identifier: *(\S+)/im.exec(answer.head)?.[1]
  if (!id) return undefined
  const holds = createHolds()
  void listen(
    () => exchange({ api, line: `GET ${path}/event/next`, headers: { 'lambda-extension-identifier': id } }),
    holds,
  )
  return holds
}

interface Holds extends Extension {
  ended: boolean
  /** Settles when the invocation may be frozen. */
  released(requestId: string, deadlineMs: number): Promise<void>
}

function createHolds(): Holds {
  const begun = new Map<string, Promise<void>>()
  // Events come one at a time, so at most one waits for its wrapper, and one was missed last.
  let wake: (() => void) | undefined
  let missed: string | undefined
  let everBegan = false
  return {
    ended: false,
    hold(requestId, done) {
      everBegan = true
      if (this.ended || missed === requestId) return false
      begun.set(requestId, done)
      wake?.()
      return true
    },
    async released(requestId, deadlineMs) {
      // An entry whose wrapper never ran once is not the deployed handler: do not wait for it again.
      if (!begun.has(requestId) && (everBegan || missed === undefined)) {
        await within(BEGIN_TIMEOUT_MS, new Promise<void>((resolve) => (wake = resolve)))
      }
      const done = begun.get(requestId)
      if (done) await within(Math.max(0, deadlineMs - DEADLINE_MARGIN_MS - Date.now()), done)
      else missed = requestId
      begun.delete(requestId)
    },
  }
}

async function listen(next: () => Promise<Answer>, holds: Holds): Promise<void> {
  for (let refusals = 0; refusals < 2;) {
    const answer = await next()
    if (answer.status !== 200) {
      refusals++
      continue
    }
    refusals = 0
    const event = quietly(() => JSON.parse(answer.text) as { requestId: string; deadlineMs: number })
    if (event) await holds.released(event.requestId, event.deadlineMs).catch(complain)
  }
  holds.ended = true
}
