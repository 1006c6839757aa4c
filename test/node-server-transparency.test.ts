/** What a program sees of its servers is what it sees without us. */
import { createConnection } from 'node:net'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { buildFunction, functions } from './deploy.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { startedIn } from './suite/ledger.ts'

const PRELUDE = `
import http, { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
import { open, root, sleep, span } from ${JSON.stringify(path.join(functions, 'ledger.ts'))}
`

async function startBoth(source: string, env: Readonly<Record<string, string>> = {}, nodeArgs: readonly string[] = []) {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const start = async (otel: { platform: 'node-server' } | false) =>
    startNodeServer(
      path.join(await buildFunction(PRELUDE + source, { otel }), 'index.mjs'),
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ...env,
      },
      nodeArgs,
    )
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

test('what a listener throws is thrown at once, and says so on the root', async () => {
  const { receiver, traced, control } = await startBoth(`
    process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin))
    const server = createServer((request, response) => {
      root()
      setTimeout(() => response.writeHead(500).end('sorry'), 5)
      throw new RangeError('at once')
    })
    server.on('request', () => console.log('not called'))
    listen(server)`)
  expect(await ask(traced.url)).toEqual(await ask(control.url))
  await traced.signal('SIGTERM')
  await control.signal('SIGTERM')
  expect(printed(traced)).toBe(printed(control))
  expect(printed(traced)).toContain('caught at once uncaughtException')
  expect(roots(receiver)).toMatchObject([
    { status: { code: 2 }, attributes: { 'error.type': 'RangeError', 'http.response.status_code': 500 } },
  ])
})

test('one request that goes from server to server has one root; a client that goes says so', async () => {
  const { receiver, traced, control } = await startBoth(`
    const inner = createServer(async (request, response) => {
      root()
      if (request.url === '/endless') return void setInterval(() => response.write('more'), 5)
      await span('work', () => sleep(1))
      response.end('inner')
    })
    listen(createServer((request, response) => inner.emit('request', request, response)))`)
  expect(await ask(traced.url)).toEqual(await ask(control.url))
  const cancelled = { path: '/endless', cancelAfterBytes: 4 }
  expect(await ask(traced.url, cancelled)).toEqual(await ask(control.url, cancelled))
  await receiver.waitForSpans(3)
  await traced.signal('SIGTERM')
  expect(roots(receiver).map(({ attributes }) => attributes['unplugin_otel.end_reason'])).toEqual([
    undefined,
    'cancelled',
  ])
  expect(receiver.spans).toHaveLength(3)
})

test('a server that was made before us, and one over TLS', async () => {
  const key = readFileSync(path.join(import.meta.dirname, 'functions/localhost.pem'), 'utf8')
  const { receiver, traced } = await startBoth(
    `
    import https from 'node:https'
    const before = (globalThis as any).before as http.Server
    before.on('request', (request, response) => { root(); response.end('before') })
    const secure = https.createServer({ key: ${JSON.stringify(key)}, cert: ${JSON.stringify(key)} }, (request, response) => {
      root()
      response.end('secure')
    })
    secure.listen(0, '127.0.0.1', () => listen(createServer((request, response) => {
      root()
      const { port } = secure.address() as any
      https.get({ port, host: '127.0.0.1', rejectUnauthorized: false }, (answer) => answer.pipe(response))
    })))`,
    {},
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(`import http from 'node:http'; globalThis.before = http.createServer(); before.listen(0, '127.0.0.1', () => console.log('before on ' + before.address().port))`)}`,
    ],
  )
  for (let n = 0; n < 2; n++) expect((await ask(traced.url)).body).toBe('secure')
  const port = await vi.waitFor(() => /before on (\d+)/.exec(traced.output())![1])
  expect((await ask(`http://127.0.0.1:${port}`)).body).toBe('before')
  await traced.signal('SIGTERM')
  const schemes = roots(receiver).map(({ attributes }) => attributes['url.scheme'])
  expect(schemes.toSorted()).toEqual(['http', 'http', 'http', 'https', 'https'])
})
