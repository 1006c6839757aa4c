/** `pages/api` on a real server, where the platform freezes as soon as the answer is complete. */
import { createServer, get, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { startFileReceiver } from './file-receiver.ts'
import { hostRequests, loadApi, restart, serve } from './framework-process.ts'

/** Each span measures from a clock reading of its own, whose wall clock has whole milliseconds. */
const CLOCKS_MS = 1

type Handler = (request: IncomingMessage, response: ServerResponse) => unknown
const receiver = await startFileReceiver()
beforeEach(restart)
afterEach(async () => {
  await receiver.set({ delayMs: 0, mode: 'ok' })
  restart()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Answered by the collector when the last byte came. */
  readonly exported: number
}

async function call(listener: RequestListener): Promise<Answer> {
  const server = createServer(listener)
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    get(`http://127.0.0.1:${port}/api/users/7?token=s3cret`, { agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => {
        const exported = receiver.requests.filter(({ status }) => status === 200).length
        resolve({ status: response.statusCode!, headers: response.headers, body, exported })
      })
    }).on('error', reject)
  })
}

/** As Next does: what a handler throws is answered with 500. */
const answering =
  (handler: Handler): RequestListener =>
  async (request, response) => {
    try {
      await handler(request, response)
    } catch (error) {
      response.statusCode = 500
      response.end(String(error))
    }
  }

const raise = () => {
  throw new RangeError('no such order')
}
const find = () => trace.getTracer('app').startSpan('find').end()
const roots = () => receiver.spans.filter(({ kind }) => kind === 2)

describe('without `waitUntil` on a platform that freezes', () => {
  const load = (handler: Handler) => answering(loadApi(handler, { flush: { mode: 'await' } }))

  test.each([
    ['a root of ours', (listener: RequestListener) => listener],
    [
      'the framework’s root',
      (listener: RequestListener): RequestListener =>
        (request, response) =>
          void serve(async () => listener(request, response)),
    ],
  ])('on %s: the last byte comes after the export', async (_, around) => {
    await receiver.set({ delayMs: 60 })
    const handler = load(async (_request, response) => {
      find()
      response.statusCode = 201
      response.setHeader('x-own', 'mine')
      response.end('{"id":7}')
    })
    const { status, headers, body, exported } = await call(around(handler))
    expect([status, headers['x-own'], headers['content-length'], body]).toEqual([201, 'mine', '8', '{"id":7}'])
    expect(exported).toBe(1)
    expect(roots()).toMatchObject([{ name: 'GET /api/users/[id]', attributes: { 'http.response.status_code': 201 } }])
    expect(receiver.spans.map(({ name }) => name)).toContain('find')
    expect(JSON.stringify(receiver.spans)).not.toContain('s3cret')
  })

  test('chunks are not held back, only the end', async () => {
    await receiver.set({ delayMs: 60 })
    const handler = load(async (_request, response) => {
      response.write('a')
      await sleep(5)
      response.write('b')
      response.end('c')
    })
    expect(await call(handler)).toMatchObject({ status: 200, body: 'abc', exported: 1 })
  })

  test('it is awaited by who answers later, from a callback', async () => {
    const handler = load((_request, response) => {
      setTimeout(() => {
        find()
        response.statusCode = 202
        response.end('later')
      }, 20)
    })
    expect(await call(handler)).toMatchObject({ status: 202, body: 'later', exported: 1 })
    expect(receiver.spans.map(({ name }) => name)).toEqual(['find', 'GET /api/users/[id]'])
    expect(roots()).toMatchObject([{ attributes: { 'http.response.status_code': 202 } }])
  })

  test('arguments of `end` and what it returns', async () => {
    const done = vi.fn()
    const returned: unknown[] = []
    const handler = load((_request, response) => {
      returned.push(response.end('w7w=', 'base64', done), response)
    })
    expect(await call(handler)).toMatchObject({ body: 'ü' })
    expect(returned[0]).toBe(returned[1])
    await vi.waitFor(() => expect(done).toHaveBeenCalledTimes(1))
  })

  test('a second `end` does not overtake the first', async () => {
    const second = vi.fn()
    const handler = load((_request, response) => {
      response.end('the answer')
      response.end(second)
    })
    expect(await call(handler)).toMatchObject({ status: 200, body: 'the answer' })
    await vi.waitFor(() => expect(second).toHaveBeenCalledTimes(1))
  })

  test('what `end` throws at once is still thrown at once', async () => {
    const handler = load((_request, response) => {
      response.end(7)
    })
    expect(await call(handler)).toMatchObject({ status: 500, body: expect.stringContaining('must be of type string') })
    expect(roots()).toMatchObject([{ status: { code: 2 }, attributes: { 'error.type': 'TypeError' } }])
  })

  test('what only sending it throws ends the connection, and not the process', async () => {
    const handler = load((_request, response) => {
      response.end('never sent', 'no encoding' as BufferEncoding)
    })
    await expect(call(handler)).rejects.toThrow('socket hang up')
    expect(roots()).toHaveLength(1)
  })

  test('a status that cannot be sent is refused at once', async () => {
    const handler = load((_request, response) => {
      response.statusCode = 1000
      response.end('never sent')
    })
    expect(await call(handler)).toMatchObject({ status: 500, body: expect.stringContaining('Invalid status code') })
  })

  test('who answers twice is refused at once, and the first answer is sent as it was', async () => {
    const seen: unknown[] = []
    const handler = load((_request, response) => {
      response.on('error', ({ name, message }) => seen.push(`${name}: ${message}`))
      response.statusCode = 201
      response.end('first')
      seen.push(response.headersSent, response.writableEnded)
      response.statusCode = 500
      try {
        response.setHeader('content-length', 1000)
      } catch (error) {
        seen.push((error as NodeJS.ErrnoException).code)
      }
      seen.push(response.write('more'))
    })
    expect(await call(handler)).toMatchObject({
      status: 201,
      headers: { 'content-length': '5' },
      body: 'first',
      exported: 1,
    })
    expect(seen).toEqual([true, true, 'ERR_HTTP_HEADERS_SENT', false, 'Error: write after end'])
  })

  test('who left before the handler was called is not waited for', async () => {
    let settled: Promise<unknown> | undefined
    const handler = loadApi(async (_request: IncomingMessage, response: ServerResponse) => response.closed, {
      flush: { mode: 'await' },
    })
    const answer = call((request, response) => {
      response.once('close', () => (settled = Promise.resolve(handler(request, response))))
      request.socket.destroy()
    })
    await expect(answer).rejects.toThrow('socket hang up')
    await vi.waitFor(() => expect(settled).toBeDefined())
    expect(await Promise.race([settled, sleep(500)])).toBe(true)
    expect(roots()).toHaveLength(1)
  })

  test('a handler that throws: once exported, Next answers', async () => {
    await receiver.set({ delayMs: 60 })
    const handler = load(async () => Promise.reject(new RangeError('expired')))
    expect(await call(handler)).toMatchObject({ status: 500, body: 'RangeError: expired', exported: 1 })
    expect(roots()).toMatchObject([{ status: { code: 2 }, attributes: { 'error.type': 'RangeError' } }])
  })
})

describe('where the answer is not held up', () => {
  test('with `waitUntil`', async () => {
    const waited = hostRequests()
    await receiver.set({ delayMs: 60 })
    const handler = answering(
      loadApi((_request: unknown, response: ServerResponse) => {
        find()
        response.writeHead(202).end('accepted')
      }),
    )
    expect(await call(handler)).toMatchObject({ status: 202, body: 'accepted', exported: 0 })
    await Promise.all(waited)
    expect(roots()).toMatchObject([
      { attributes: { 'http.response.status_code': 202, 'http.route': '/api/users/[id]' } },
    ])
  })

  test('a root of ours lasts until the response is sent, not until the handler returns', async () => {
    const waited = hostRequests()
    const handler = answering(
      loadApi((_request: unknown, response: ServerResponse) => {
        setTimeout(() => {
          find()
          response.statusCode = 503
          response.end('later')
        }, 30)
      }),
    )
    await call(handler)
    await Promise.all(waited)
    const [root] = roots()
    const child = receiver.spans.find(({ name }) => name === 'find')!
    expect(root!.endMs).toBeGreaterThanOrEqual(child.endMs - CLOCKS_MS)
    expect(root!.attributes).toMatchObject({ 'http.response.status_code': 503, 'error.type': '503' })
  })

  test.each<[string, Handler]>([
    ['at once', () => raise()],
    ['later', async () => raise()],
  ])('what is thrown %s says more than the status that it is answered with', async (_when, handler) => {
    const waited = hostRequests()
    const { status } = await call(answering(loadApi(handler)))
    await Promise.all(waited)
    expect(status).toBe(500)
    expect(roots()).toMatchObject([
      {
        status: { code: 2, message: 'no such order' },
        attributes: { 'error.type': 'RangeError', 'http.response.status_code': 500 },
      },
    ])
  })
})

/** The last: what hangs is waited for by whoever flushes next. */
test('a collector that never answers costs the budget', async () => {
  await receiver.set({ mode: 'hang' })
  vi.spyOn(console, 'warn').mockReturnValue()
  const options = { flush: { mode: 'await' as const, budgetMs: 50 } }
  const handler = loadApi(async (_request: unknown, response: ServerResponse) => response.end('answer'), options)
  expect(await call(answering(handler))).toMatchObject({ status: 200, body: 'answer', exported: 0 })
})
