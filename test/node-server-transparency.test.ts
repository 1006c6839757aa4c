/** What a program sees of its servers is what it sees without us. */
import { createConnection } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildFunction, functions } from './deploy.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { startedIn } from './suite/ledger.ts'

const PRELUDE = `
import http, { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
import { open, root, sleep, span } from ${JSON.stringify(path.join(functions, 'ledger.ts'))}
`

async function startBoth(source: string, env: Readonly<Record<string, string>> = {}) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const start = async (otel: { platform: 'node-server' } | false) =>
    startNodeServer(path.join(await buildFunction(PRELUDE + source, { otel }), 'index.mjs'), {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      ...env,
    })
  return { receiver, traced: await start({ platform: 'node-server' }), control: await start(false) }
}

const roots = ({ spans }: Receiver) => spans.filter(({ kind }) => kind === 2)

/** What it printed, but for the port and the ledger. */
const printed = (server: { output(): string }) =>
  server
    .output()
    .replace(/listening on \d+\n/g, '')
    .replace(/^ledger .*\n/gm, '')
    .replace(/(file:\/\/|\/).*(?=\/deployed)/g, '')

/** Sends bytes, and gives what comes back until the connection ends or is silent. */
function exchange(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(Number(new URL(url).port), '127.0.0.1')
    let received = ''
    const done = () => {
      socket.destroy()
      resolve(received.replace(/^Date: .*\r\n/gm, ''))
    }
    socket.setTimeout(300, done)
    socket.on('data', (chunk) => (received += chunk.toString('latin1')))
    socket.on('close', done)
    socket.on('error', reject)
    socket.write(text)
  })
}

test('emit, its name and length, what it returns, the listeners, and their order', async () => {
  const { receiver, traced, control } = await startBoth(`
    const order: string[] = []
    const server = createServer()
    const report = (emitted: unknown) => ({
      name: server.emit.name, length: server.emit.length, own: Object.hasOwn(server, 'emit'), keys: Object.keys(server).sort(),
      listeners: server.listeners('request').map((each) => each.name), count: server.listenerCount('request'), emitted, order,
      none: server.emit('nobody'), text: typeof server.emit, others: server.eventNames().map(String),
      signals: process.listenerCount('SIGTERM') > 0,
    })
    server.on('request', function first(this: unknown, request, response) { order.push('first ' + (this === server) + arguments.length) })
    server.prependListener('request', function zeroth() { order.push('zeroth') })
    server.once('request', function once() { order.push('once') })
    process.on('SIGTERM', () => { console.log('theirs'); process.exit(7) })
    const emit = server.emit
    let emitted: unknown
    server.emit = function (this: unknown, ...args: unknown[]) { const value = Reflect.apply(emit, this, args); if (args[0] === 'request') emitted = value; return value } as never
    server.on('request', async (request, response) => { root(); await span('work', () => sleep(1)); response.end(JSON.stringify(report(emitted))) })
    listen(server)`)
  for (const path of ['/a', '/b']) expect(await ask(traced.url, { path })).toEqual(await ask(control.url, { path }))
  expect([await traced.signal('SIGTERM'), await control.signal('SIGTERM')]).toEqual([7, 7])
  expect(printed(traced)).toBe(printed(control))
  expect(roots(receiver)).toHaveLength(2)
  expect(receiver.spans).toHaveLength(4)
})

test('pipelined requests, keep-alive, HEAD, Expect, a missing Host, an upgrade and a CONNECT', async () => {
  const { receiver, traced, control } = await startBoth(`
    const server = createServer(async (request, response) => {
      root()
      await span('work', () => sleep(request.url === '/slow' ? 30 : 1))
      response.end('hello ' + request.url)
    })
    server.on('upgrade', (request, socket) => socket.end('HTTP/1.1 101 Switching\\r\\n\\r\\nupgraded'))
    server.on('connect', (request, socket) => socket.end('HTTP/1.1 200 OK\\r\\n\\r\\nconnected'))
    server.on('checkContinue', (request, response) => { response.writeContinue(); response.end('checked') })
    server.on('clientError', (error, socket) => socket.end('HTTP/1.1 400 Mine\\r\\n\\r\\n'))
    listen(server)`)
  const get = (target: string, more = '', method = 'GET') => `${method} ${target} HTTP/1.1\r\nHost: shop\r\n${more}\r\n`
  const texts = [
    get('/slow') + get('/2') + get('/3'),
    get('/head', '', 'HEAD') + get('/last', 'Connection: close\r\n'),
    'GET /no-host HTTP/1.1\r\n\r\n',
    get('/upgrade', 'Connection: Upgrade\r\nUpgrade: echo\r\n'),
    get('shop:443', '', 'CONNECT'),
    get('/continue', 'Expect: 100-continue\r\nContent-Length: 2\r\n', 'POST') + 'ab',
    'NOT HTTP\r\n\r\n',
  ]
  for (const text of texts) {
    const answer = await exchange(traced.url, text)
    expect(answer, text).toBe(await exchange(control.url, text))
    expect(answer).toContain('HTTP/1.1 ')
  }
  expect(await traced.signal('SIGTERM'), traced.output()).toBe('SIGTERM')
  expect(roots(receiver).map(({ attributes }) => attributes['url.path'])).toEqual([
    '/slow',
    '/2',
    '/3',
    '/head',
    '/last',
  ])
  // In the order of the answers.
  const started = startedIn(traced.output())
  expect(receiver.spans).toHaveLength(started.length)
})
