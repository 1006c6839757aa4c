/** Handlers with everything that one may give, or throw. */
import { DEEDS, hostile, type Faulty } from './faults.ts'

export const RESULTS = [
  'value',
  'throws',
  'throws what has no text',
  'rejects',
  'promise',
  'thenable',
  'lazy',
  'thenable that throws',
  'hostile',
  'then getter',
  'response',
  'stream',
  'cancelled stream',
  'waits',
  'nested',
  'calls back',
  'calls back with an error',
] as const

/** Context → the one without faults in its getters. */
export const handed = new WeakMap<object, { waitUntil(work: unknown): void }>()

export function createHandler(
  { result, platform }: { result: (typeof RESULTS)[number]; platform: string },
  faulty: Faulty,
  calls: unknown[],
  given: readonly unknown[],
  inner: (event: { n: number }) => number,
): object {
  const note = (args: readonly unknown[]) =>
    void calls.push(args.map((arg, n) => arg === given[n] || (typeof arg === 'function' && n === 2)))
  const results: Record<(typeof RESULTS)[number], (args: unknown[]) => unknown> = {
    value: () => ({ statusCode: 200 }),
    throws: () => {
      throw new RangeError('the very one')
    },
    'throws what has no text': () => {
      throw hostile()
    },
    rejects: () => Promise.reject(new RangeError('the very one')),
    promise: async () => 'value',
    // oxlint-disable-next-line unicorn/no-thenable
    thenable: () => ({ then: (done: (value: unknown) => void) => done('value') }),
    lazy: () => {
      let runs = 0
      // oxlint-disable-next-line unicorn/no-thenable
      return { then: (done: (value: unknown) => void) => done(++runs) }
    },
    'thenable that throws': DEEDS['gives a thenable that throws'],
    hostile: () => hostile(),
    'then getter': () => ({
      // oxlint-disable-next-line unicorn/no-thenable
      get then(): unknown {
        throw new RangeError('of the getter')
      },
    }),
    response: () => new Response('answer', { status: 201 }),
    stream: () => streamed(faulty),
    'cancelled stream': () => streamed(faulty),
    waits: ([, second, third]) => {
      // What we ask of `ctx` does not count as the handler's.
      handed.get((platform.startsWith('workerd') ? third : second) as object)!.waitUntil(Promise.resolve(1))
      return 'waits'
    },
    // A handler of its own, as an event of its own.
    nested: () => inner({ n: 1 }),
    'calls back with an error': (args) => (args[2] as Function | undefined)?.(hostile()),
    'calls back': (args) => (args[2] as Function | undefined)?.(undefined, hostile()),
  }
  // The arity that makes Lambda's client wait for the callback.
  return function handler(_event: unknown, _second: unknown, _third: unknown) {
    // oxlint-disable-next-line prefer-rest-params
    const args = [...arguments]
    note(args)
    return results[result](args)
  }
}

function streamed(faulty: Faulty): Response {
  let pulls = 0
  const start = faulty('start of the body', () => {})
  const pull = faulty('body pull', (controller: ReadableStreamDefaultController) => {
    if (pulls++ < 2) controller.enqueue(new TextEncoder().encode('part'))
    else controller.close()
  })
  const cancel = faulty('body cancel', () => {})
  return new Response(new ReadableStream({ start, pull, cancel } as never), {
    headers: { 'content-type': 'text/event-stream' },
  })
}
