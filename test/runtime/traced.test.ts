/** `traced`, for whatever the function gives: the same as without it, and a span that ends when that is over. */
import { context, SpanStatusCode, trace, type Span } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { als } from '../../src/runtime/context/als.ts'
import { sendException, traced } from '../../src/runtime/index.ts'

const exporter = new InMemorySpanExporter()
trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }))
context.setGlobalContextManager(als().enable())
beforeEach(() => exporter.reset())
afterAll(() => (trace.disable(), context.disable()))

const ended = () => exporter.getFinishedSpans().map(({ name }) => name)
const mark = (name: string) => trace.getTracer('a library').startSpan(name).end()
const isInside = (span: Span) => trace.getActiveSpan() === span
const error = new RangeError('mine')
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

describe('a value', () => {
  test.each([undefined, null, 0, '', [1], new Map(), Symbol.iterator, () => 1])('%s is the very one', (value) => {
    expect(traced('a', () => value)).toBe(value)
    expect(ended()).toEqual(['a'])
  })

  test('what is thrown is recorded and thrown on, `undefined`, too; recorded by hand, it is there once', () => {
    for (const thrown of [error, undefined, 'text']) {
      let caught: unknown = 'nothing'
      try {
        traced('a', () => {
          throw thrown
        })
      } catch (caughtOne) {
        caught = caughtOne
      }
      expect(caught).toBe(thrown)
    }
    const own = new Error('by hand')
    expect(() =>
      traced('b', () => {
        sendException(own)
        throw own
      }),
    ).toThrow(own)
    expect(exporter.getFinishedSpans().map(({ status, events }) => [status.code, events.length])).toEqual([
      [2, 1],
      [2, 1],
      [2, 1],
      [2, 1],
    ])
  })

  test('options and parents are OpenTelemetry’s; an `end()` of one’s own comes first', () => {
    traced('outer', (outer) => {
      traced('inner', (span) => expect(isInside(span)).toBe(true), { kind: 2, attributes: { a: 1 } })
      traced('apart', () => {}, { root: true })
      expect(isInside(outer)).toBe(true)
      outer.end()
    })
    const [inner, apart, outer] = exporter.getFinishedSpans()
    expect(inner).toMatchObject({ kind: 2, attributes: { a: 1 }, parentSpanContext: outer!.spanContext() })
    expect(apart!.parentSpanContext).toBeUndefined()
  })

  test('a tracer and a context manager that fail are not the user’s problem', () => {
    const broken = () => {
      throw new Error('not mine')
    }
    const spies = [vi.spyOn(context, 'with'), vi.spyOn(context, 'active'), vi.spyOn(trace, 'getTracer')]
    for (const spy of spies) {
      spy.mockImplementation(broken as never)
      const run = vi.fn(() => 1)
      expect(traced('a', run)).toBe(1)
      expect(run).toHaveBeenCalledOnce()
      spy.mockRestore()
    }
  })
})

describe('a promise', () => {
  test('its value, its error, its class, what was put on it, and the span in the end', async () => {
    class Own<T> extends Promise<T> {}
    const plain = traced('a', async (span) => {
      await nextTurn()
      return isInside(span)
    })
    expect(ended()).toEqual([])
    expect(Object.getPrototypeOf(plain)).toBe(Promise.prototype)
    expect(await plain).toBe(true)
    expect(ended()).toEqual(['a'])
    const own = traced('b', () => Object.assign(Own.resolve(1), { cancel: () => 'cancelled' }))
    expect(own).toBeInstanceOf(Own)
    expect(own.cancel()).toBe('cancelled')
    expect(await own).toBe(1)
    await expect(traced('c', () => Promise.reject(error))).rejects.toBe(error)
    expect(exporter.getFinishedSpans()[2]).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'mine' },
      attributes: { 'error.type': 'RangeError' },
    })
  })

  test('nobody handles its rejection: the process gets to know, once; somebody does: it does not', async () => {
    const reasons: unknown[] = []
    const note = (reason: unknown) => reasons.push(reason)
    const others = process.rawListeners('unhandledRejection') as never[]
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', note)
    void traced('a', () => Promise.reject(error))
    traced('b', () => Promise.reject(new Error('handled'))).catch(() => {})
    await nextTurn()
    await nextTurn()
    process.removeListener('unhandledRejection', note)
    for (const listener of others) process.on('unhandledRejection', listener)
    expect(reasons).toEqual([error])
  })
})

/** A query: it runs when somebody waits for it. */
class Query {
  #runs = 0
  #limit = 10
  limit(n: number) {
    this.#limit = n
    return this
  }
  get runs() {
    return this.#runs
  }
  // oxlint-disable-next-line unicorn/no-thenable
  then(fulfilled?: ((rows: number) => unknown) | null, rejected?: ((error: unknown) => unknown) | null) {
    this.#runs++
    mark('query')
    const rows = this.#limit < 0 ? Promise.reject(error) : Promise.resolve(this.#limit)
    return rows.then(fulfilled, rejected)
  }
  catch(rejected: (error: unknown) => unknown) {
    return this.then(undefined, rejected)
  }
  finally(run: () => void) {
    return Promise.prototype.finally.call(this, run)
  }
}

describe('a thenable that is no promise', () => {
  test('begins when it is awaited, once, in the span; until then it is what it was', async () => {
    const query = new Query()
    const given = traced('a', () => query)
    expect(given).toBeInstanceOf(Query)
    expect([given.runs, ended()]).toEqual([0, []])
    expect(given.limit(3)).toBe(given)
    expect(await given).toBe(3)
    expect([query.runs, given.runs]).toEqual([1, 1])
    const [inner, outer] = exporter.getFinishedSpans()
    expect(inner).toMatchObject({ name: 'query', parentSpanContext: outer!.spanContext() })
  })

  test('fails as it would', async () => {
    await expect((async () => traced('a', () => new Query().limit(-1)))()).rejects.toBe(error)
    expect(await traced('b', () => new Query().limit(-1)).catch((caught) => caught === error)).toBe(true)
    const run = vi.fn()
    await expect(traced('c', () => new Query().limit(-1)).finally(run)).rejects.toBe(error)
    expect(run).toHaveBeenCalledOnce()
    const failed = exporter.getFinishedSpans().filter(({ status }) => status.code === SpanStatusCode.ERROR)
    expect(failed.map(({ name }) => name)).toEqual(['a', 'b', 'c'])
  })
})

describe('an iterator', () => {
  test('a generator: each step in the span, which ends when it is done; values go in and come out', () => {
    const steps = traced('a', function* (span): Generator<boolean, string, number> {
      const got = yield isInside(span)
      mark(`got ${got}`)
      return 'done'
    })
    expect(steps.next()).toEqual({ value: true, done: false })
    mark('between')
    expect([steps.next(5), ended()]).toEqual([{ value: 'done', done: true }, ['between', 'got 5', 'a']])
    const [between, got] = exporter.getFinishedSpans()
    expect(between!.parentSpanContext).toBeUndefined()
    expect(got!.parentSpanContext).toBeDefined()
    expect(steps.next()).toEqual({ value: undefined, done: true })
    expect([steps[Symbol.iterator](), String(steps)]).toEqual([steps, '[object Generator]'])
  })

  test('ends also when its reader leaves, and when it throws or is told to', () => {
    const closed = vi.fn()
    function* numbers() {
      try {
        yield 1
        yield 2
        yield 3
      } finally {
        closed()
      }
    }
    for (const _ of traced('left', numbers)) break
    // The types are those of 2023.
    const taken = traced('taken', numbers) as Generator<number> & { take(n: number): Iterable<number> }
    expect([...taken.take(2)]).toEqual([1, 2])
    expect(() => {
      const told = traced('told', numbers)
      told.next()
      told.throw(error)
    }).toThrow(error)
    const thrower = traced('thrown', function* () {
      yield 1
      throw error
    })
    expect(() => [...thrower]).toThrow(error)
    expect([closed.mock.calls.length, ended()]).toEqual([3, ['left', 'taken', 'told', 'thrown']])
    expect(exporter.getFinishedSpans().map(({ status }) => status.code)).toEqual([0, 0, 2, 2])
  })

  test('an async one, and one that a promise gives', async () => {
    const read = async (steps: AsyncIterable<unknown>) => {
      const seen: unknown[] = []
      for await (const each of steps) seen.push(each)
      return seen
    }
    async function* steps(span: Span) {
      yield isInside(span)
      await nextTurn()
      yield isInside(span)
    }
    expect(await read(traced('a', steps))).toEqual([true, true])
    const promised = await traced('b', async (span) => steps(span))
    expect(ended()).toEqual(['a'])
    expect(await read(promised)).toEqual([true, true])
    const failing = traced('c', async function* () {
      yield 1
      throw error
    })
    await expect(read(failing)).rejects.toBe(error)
    for await (const _ of traced('d', steps)) break
    expect(ended()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('one of a class keeps its private members, its getters, and is an instance of it', () => {
    class Countdown {
      #left = 2
      next() {
        return this.#left > 0 ? { done: false, value: this.#left-- } : { done: true, value: undefined }
      }
      get left() {
        return this.#left
      }
      peek() {
        return this.#left
      }
      [Symbol.iterator]() {
        return this
      }
    }
    const countdown = traced('a', () => new Countdown())
    expect(countdown).toBeInstanceOf(Countdown)
    expect([countdown.peek(), countdown.left, 'return' in countdown]).toEqual([2, 2, false])
    expect([[...countdown], ended()]).toEqual([[2, 1], ['a']])
  })

  test('lists and maps are no iterators: the span ends at once', () => {
    const list = [1, 2]
    expect(traced('a', () => list)).toBe(list)
    expect(ended()).toEqual(['a'])
  })
})
