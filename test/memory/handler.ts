/** What is called again and again: an event names the way to end. Each begins its root and two children. */
import { trace, type Span } from '@opentelemetry/api'

type Callback = (error: unknown, value?: unknown) => void

const start = (name: string): Span =>
  trace.getTracer('app').startSpan(name, { attributes: { 'app.items': 3, 'app.text': 'some text' } })

function work(): void {
  start('first').end()
  start('second').end()
}

const ways: Readonly<Record<string, () => unknown>> = {
  async: async () => {
    work()
    await Promise.resolve()
    return { statusCode: 200 }
  },
  sync: () => {
    work()
    return 'value'
  },
  throws: () => {
    work()
    throw new TypeError('thrown')
  },
  rejects: async () => {
    work()
    // oxlint-disable-next-line no-throw-literal -- anything may be
    throw { code: 5 }
  },
  leftOpen: async () => {
    start('ends').end()
    start('left open')
  },
  // Its invocation is over when it ends: it goes with another one's.
  endsLate: async () => {
    start('ends').end()
    const late = start('late')
    setTimeout(() => late.end(), 5)
  },
}
const callbackWays: Readonly<Record<string, (callback: Callback) => void>> = {
  callback: (callback) => {
    work()
    setImmediate(() => callback(null, 'value'))
  },
  callbackError: (callback) => {
    work()
    callback(new RangeError('given'))
  },
}

export const names = Object.keys(ways)
export const callbackNames = Object.keys(callbackWays)

export const handler = (event: { way: string }, _context: object): unknown => ways[event.way]!()

export const withCallback = (event: { way: string }, _context: object, callback: Callback): void =>
  callbackWays[event.way]!(callback)
