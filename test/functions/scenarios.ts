/**
 * What the functions of the shared suite do, whatever calls them: user code, so it knows `@opentelemetry/api` and web
 * standards and nothing of ours. It also runs in workerd: no Node imports.
 */
import { context, trace, type Span } from '@opentelemetry/api'

/** What only the platform can give. */
export interface Given {
  /** Runs work after the response. */
  waitUntil?: (work: Promise<unknown>) => void
}

interface Run extends Given {
  readonly id: string
  /** The invocation's own span, which nobody made when the function is built without the plugin. */
  readonly root: Span | undefined
}

export const HEAVY_SPANS = 200

const scenarios = {
  async ok(run: Run) {
    await span(run, 'load', async () => {
      await sleep(5)
      await span(run, 'query', () => sleep(5))
    })
    await span(run, 'render', () => sleep(1))
    return new Response('grüße', { headers: { 'content-type': 'text/plain; charset=utf-8', 'x-answer': run.id } })
  },
  /** A megabyte that does not compress: whoever does not wait for its export is frozen in the middle of it. */
  async heavy(run: Run) {
    for (let i = 0; i < HEAVY_SPANS; i++) {
      await span(run, 'step', (active) => void active.setAttribute('text', randomText(5000)))
    }
    await sleep(30)
    return new Response('all of it')
  },
  throw(run: Run): never {
    void span(run, 'check', () => {})
    throw new RangeError('thrown before the first await')
  },
  async reject(run: Run): Promise<never> {
    await span(run, 'check', () => sleep(5))
    throw new TypeError('rejected after an await')
  },
  async missing(run: Run) {
    await span(run, 'check', () => sleep(1))
    return new Response('no such order', { status: 404 })
  },
  async unavailable(run: Run) {
    await span(run, 'check', () => sleep(1))
    return new Response('try again', { status: 503, headers: { 'retry-after': '1' } })
  },
  async stream(run: Run) {
    return streamed(run, async (write) => {
      for (const name of ['first', 'second', 'third']) await span(run, name, () => write(name))
    })
  },
  async 'stream-error'(run: Run) {
    return streamed(run, async (write) => {
      for (const name of ['first', 'second']) await span(run, name, () => write(name))
      throw new RangeError('broken midway')
    })
  },
  async 'stream-endless'(run: Run) {
    return streamed(run, async (write, cancelled) => {
      await span(run, 'first', () => write('first'))
      for (let i = 0; i < 500 && !cancelled(); i++) await write('more')
    })
  },
  async background(run: Run) {
    const work = async () => {
      await sleep(100)
      await span(run, 'background', () => sleep(5))
    }
    await span(run, 'accept', () => sleep(1))
    run.waitUntil?.(work())
    return new Response('accepted', { status: 202 })
  },
}

export type Scenario = keyof typeof scenarios

/** Handles `/scenario/<name>/<id>`. Not async, so that `throw` does so before there is a promise. */
export function respond(path: string, given: Given = {}): Promise<Response> {
  const [, , scenario, id] = path.split('/')
  const root = trace.getActiveSpan()
  if (root?.isRecording()) note(root, 'root', id!)
  return scenarios[scenario as Scenario]({ ...given, id: id!, root })
}

/** The work goes on by itself after `start`, as that of a handler which copies a model's answer into its response. */
function streamed(
  run: Run,
  produce: (write: (text: string) => Promise<void>, cancelled: () => boolean) => Promise<void>,
): Response {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = async (text: string) => {
        // 0xff: bytes that are no UTF-8 must arrive too.
        if (!cancelled) controller.enqueue(Uint8Array.of(...new TextEncoder().encode(text), 0xff, 10))
        await sleep(10)
      }
      produce(write, () => cancelled).then(
        () => cancelled || controller.close(),
        (error: unknown) => controller.error(error),
      )
    },
    cancel() {
      cancelled = true
      // No runtime promises the handler's context here; whose span it is can be said.
      const parent = run.root ? trace.setSpan(context.active(), run.root) : context.active()
      void context.with(parent, () => span(run, 'cancelled', () => {}))
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/octet-stream' } })
}

async function span(run: Run, name: string, work: (active: Span) => unknown): Promise<void> {
  await trace.getTracer('user').startActiveSpan(name, async (active) => {
    if (active.isRecording()) note(active, name, run.id)
    await work(active)
    active.end()
  })
}

/**
 * The ledger of started spans is standard output: the one channel that every runtime has, that is written at once, and
 * that is still there when the function is killed a moment later. `startedIn` (test/suite/ledger.ts) reads it.
 */
function note(noted: Span, name: string, id: string): void {
  const { traceId, spanId } = noted.spanContext()
  console.log(`ledger ${JSON.stringify({ traceId, spanId, name, id })}`)
}

function randomText(length: number): string {
  let text = ''
  while (text.length < length) text += Math.random().toString(36).slice(2)
  return text
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
