/** Next's own builds and servers, of both versions with both bundlers: what arrives, and when nothing may be lost. */
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { createNextApp, type NextApp, type NextBundler, type NextVersion } from './harness/next-app.ts'
import { inTrace, isInside, manifests, request, requestPart, routesIn, serverSpan } from './harness/next-facts.ts'
import { startReceiver, type ReceivedSpan } from './harness/otlp-receiver.ts'
import { ran } from './ran.ts'

const SERVER = 2
const HOSTS: Record<string, string>[] = [{}, { NEXT_LAUNCHER: 'waitUntil' }]
/** Each takes 60 ms. */
const AFTER: readonly string[] = ['after the response', 'nested', 'after it']

function expectAsLongAs(spans: readonly ReceivedSpan[]): void {
  for (const { name, startMs, endMs, attributes } of spans) {
    expect(attributes, name).not.toHaveProperty('unplugin_otel.end_reason')
    if (AFTER.includes(name)) expect(endMs - startMs, name).toBeGreaterThanOrEqual(59)
  }
}
const builds: [NextVersion, NextBundler][] = [
  [16, 'turbopack'],
  [16, 'webpack'],
  [15, 'webpack'],
  [15, 'turbopack'],
]

describe.each(builds)('next %i, %s', (version, bundler) => {
  let app: NextApp
  let plain: string
  let printed: string
  let exportedByBuild = 0

  beforeAll(async () => {
    app = createNextApp(version)
    plain = await app.build(bundler, { DIST_DIR: '.plain', OTEL_OFF: '1' })
    const receiver = await startReceiver()
    printed = await app.build(bundler, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    exportedByBuild = receiver.requests.length
    await receiver.stop()
  }, 240_000)
  afterAll(() => app.remove())

  async function serve(env: Record<string, string> = {}, delayMs = 0) {
    const receiver = await startReceiver({ delayMs })
    const server = await app.start({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...env })
    onTestFinished(async () => {
      await server.stop('SIGKILL')
      await receiver.stop()
    })
    return { receiver, server }
  }

  test('the build says what it wraps, exports nothing, and nothing becomes dynamic', () => {
    expect(printed).toContain('[unplugin-otel] nextjs, node (withOtel())')
    expect(printed).toMatch(/wrapped {2}app\/api\/hello\/route\.ts:6:23 GET \(onRoute\)/)
    expect(printed).toMatch(/nextjs, edge \(withOtel\(\)\)[^[]*wrapped {2}app\/api\/edge\/route\.ts:5:23 GET/)
    expect(exportedByBuild).toBe(0)
    expect(routesIn(printed)).toEqual(routesIn(plain))
    expect(routesIn(printed).length).toBeGreaterThan(10)
    expect(manifests(path.join(app.folder, '.next'))).toEqual(manifests(path.join(app.folder, '.plain')))
    const warnings = (text: string) => text.split('\n').filter((line) => /warn|not supported/i.test(line))
    expect(warnings(printed)).toEqual(warnings(plain))
  })

  test('next start: one trace a request, inside of what Next traces', async () => {
    ran(`next-${version}`, '`next start`', bundler)
    const { receiver, server } = await serve()
    const call = (url: string, init?: RequestInit) => request(server.url + url, init)
    const hello = await call('/api/hello?name=secret-value')
    const saved = await call('/api/hello', { method: 'POST', body: '{"a":1}' })
    const found = await call('/api/users/7')
    const starred = await call('/api/starred')
    const legacy = await call('/api/legacy?name=l')
    const stream = await call('/api/stream')
    const failed = await call('/api/error')
    const redirected = await call('/api/redirect')
    const missing = await call('/api/missing')
    const after = await call('/api/after', { method: 'POST' })
    expect(hello).toMatchObject({ status: 200, body: '{"hello":"secret-value"}' })
    expect(hello.headers.get('x-proxied')).toBe('/api/hello')
    expect(saved).toMatchObject({ status: 201, body: '{"a":1}' })
    expect([found.body, legacy.body]).toEqual(['{"id":"7"}', '{"legacy":"l"}'])
    expect(stream.body).toBe('data: 0\n\ndata: 1\n\ndata: 2\n\n')
    expect([failed, redirected, missing, after].map(({ status }) => status)).toEqual([500, 307, 404, 202])

    const served = await serverSpan(receiver, hello, 'GET /api/hello')
    expect(served.attributes).toMatchObject({
      'http.route': '/api/hello',
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'url.path': '/api/hello',
      'url.query': 'name=',
      'code.file.path': 'app/api/hello/route.ts',
      'code.line.number': 6,
      'code.function.name': 'GET',
      // By the app's otel.config.ts.
      'hook.platform': 'nextjs',
      'hook.status': 200,
    })
    expect((await serverSpan(receiver, starred, 'GET /api/starred')).attributes).toMatchObject({
      'code.file.path': 'app/api/starred/route.ts',
    })
    const routes: [typeof hello, string, number, readonly string[]][] = [
      [hello, 'GET /api/hello', 200, ['greet']],
      [saved, 'POST /api/hello', 201, ['save']],
      [found, 'GET /api/users/[id]', 200, ['find']],
      [starred, 'GET /api/starred', 200, ['starred']],
      [legacy, 'GET /api/legacy', 200, ['legacy']],
      [stream, 'GET /api/stream', 200, ['chunk 0', 'chunk 1', 'chunk 2']],
      [failed, 'GET /api/error', 500, []],
      [redirected, 'GET /api/redirect', 307, []],
      [missing, 'GET /api/missing', 404, []],
      [after, 'POST /api/after', 202, AFTER],
    ]
    for (const [answer, name, status, children] of routes) {
      const span = await serverSpan(receiver, answer, name)
      expect(span).toMatchObject({
        scope: { name: 'next.js' },
        attributes: { 'http.response.status_code': status, 'http.route': name.split(' ')[1] },
        status: { code: status === 500 ? 2 : 0 },
      })
      for (const child of children)
        await expect.poll(() => isInside(receiver, child, span), { timeout: 5000, message: child }).toBe(true)
    }
    const exceptions = inTrace(receiver, failed).flatMap(({ events }) => events)
    expect(exceptions.map(({ attributes }) => attributes['exception.message'])).toEqual(['the card has expired'])
    const onServer = receiver.spans.filter(({ kind }) => kind === SERVER)
    expect(onServer.map(({ scope }) => scope.name)).toEqual(onServer.map(() => 'next.js'))
    expect(new Set(receiver.spans.map(({ spanId }) => spanId)).size).toBe(receiver.spans.length)
    expect(/.{80}secret-value/.exec(JSON.stringify(receiver.spans))?.[0]).toBeUndefined()
    expect(server.output()).not.toContain('[unplugin-otel]')
  })

  test('next start: on the edge runtime the root is ours where Next makes none', async () => {
    const { receiver, server } = await serve()
    for (const [name, child] of [
      ['edge', 'at the edge'],
      ['legacy-edge', 'legacy at the edge'],
    ] as const) {
      const first = await request(`${server.url}/api/${name}?name=secret-value`)
      expect(first.status).toBe(200)
      const second = await request(`${server.url}/api/${name}?name=secret-value`)
      const span = await serverSpan(receiver, second, `GET /api/${name}`)
      expect(span.attributes).toMatchObject({ 'http.response.status_code': 200, 'http.route': `/api/${name}` })
      expect(isInside(receiver, child, span)).toBe(true)
      // Next looks for a parent before the route's module is loaded: then it is linked.
      const roots = receiver.spans.filter(
        (each) => each.name === `GET /api/${name}` && 'code.file.path' in each.attributes,
      )
      expect(roots).toHaveLength(2)
      const cold = roots.find((root) => root !== span)
      expect([cold!.traceId, ...cold!.links.map(({ traceId }) => traceId)]).toContain(first.traceId)
    }
    expect(/.{80}secret-value/.exec(JSON.stringify(receiver.spans))?.[0]).toBeUndefined()
  })

  test('next start: a hundred at once are unmixed, and share their requests', async () => {
    const { receiver, server } = await serve()
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => request(`${server.url}/api/users/${i}`)))
    for (const answer of answers) {
      const route = await serverSpan(receiver, answer, 'GET /api/users/[id]')
      expect(inTrace(receiver, answer).filter(({ name }) => name === 'find')).toHaveLength(1)
      expect(isInside(receiver, 'find', route)).toBe(true)
    }
    // A middleware on the edge runtime, as Next 15 has it, exports each of its own.
    expect(receiver.requests.filter(({ spans }) => spans.some(({ name }) => name === 'find')).length).toBeLessThan(10)
  })

  test('next start: SIGTERM right after the answer loses nothing, and ends it as without us', async () => {
    const { receiver, server } = await serve({}, 100)
    const answer = await request(`${server.url}/api/users/7`)
    const code = await server.stop('SIGTERM')
    const { server: other } = await serve({ OTEL_SDK_DISABLED: 'true' })
    expect(code).toBe(await other.stop('SIGTERM'))
    const names = inTrace(receiver, answer).map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['GET /api/users/[id]', 'find']))
  })

  const evicted = [
    ['/api/users/7', 'GET /api/users/[id]', ['find']],
    ['/api/hello', 'GET /api/hello', ['greet']],
    ['/api/stream', 'GET /api/stream', ['chunk 0', 'chunk 1', 'chunk 2']],
    ['/api/error', 'GET /api/error', []],
    ['/api/legacy', 'GET /api/legacy', ['legacy']],
  ] as const

  test.each([...evicted, ['/api/after', 'POST /api/after', AFTER] as const])(
    'a host with waitUntil: evicted after %s, nothing is lost and nobody waits',
    async (url, name, children) => {
      ran(`next-${version}`, 'evicted with `waitUntil`', bundler)
      const { receiver, server } = await serve({ NEXT_LAUNCHER: 'waitUntil', NEXT_EVICT: url }, 50)
      const answer = await request(server.url + url, { method: name.split(' ')[0]! })
      expect(await server.ended).toBe('SIGKILL')
      const names = inTrace(receiver, answer).map((span) => span.name)
      expect(names).toEqual(expect.arrayContaining([name, ...children]))
      expectAsLongAs(inTrace(receiver, answer))
    },
  )

  test.each(HOSTS)('next start %j: what `after` runs is not cut, first or later', async (env) => {
    const { receiver, server } = await serve(env)
    for (let n = 0; n < 3; n++) {
      const answer = await request(`${server.url}/api/after`, { method: 'POST' })
      const find = () => inTrace(receiver, answer).filter(({ name }) => AFTER.includes(name))
      await expect.poll(find, { timeout: 5000 }).toHaveLength(3)
      expectAsLongAs(find())
    }
  })

  test.each(HOSTS)('next start %j: a body that is made as it is read, inside of its root', async (env) => {
    const { receiver, server } = await serve(env)
    const url = `${server.url}/api/body`
    const read = async (kind: string) => ({ kind, answer: await request(`${url}/${kind}`) })
    const answers = await Promise.all(['bytes', 'text', 'empty', 'big'].map(read))
    expect(answers.map(({ answer }) => answer.body.length)).toEqual([9, 9, 0, 160 * 65_536])
    for (const { kind, answer } of answers) {
      const span = await serverSpan(receiver, answer, 'GET /api/body/[kind]')
      expect(span.status.code).toBe(0)
      expect(isInside(receiver, 'chunk', span)).toBe(true)
      const first = span.attributes['unplugin_otel.time_to_first_byte']
      if (kind === 'empty') expect(first).toBeUndefined()
      else expect(first).toBeGreaterThanOrEqual(0.001)
    }
    const broken = await requestPart(`${url}/breaks`)
    expect(await serverSpan(receiver, broken, 'GET /api/body/[kind]')).toMatchObject({ status: { code: 2 } })
    const left = await requestPart(`${url}/endless`, 4096)
    const span = await serverSpan(receiver, left, 'GET /api/body/[kind]')
    expect(span).toMatchObject({ status: { code: 0 }, attributes: { 'unplugin_otel.end_reason': 'cancelled' } })
    await expect.poll(() => isInside(receiver, 'cancelled', span), { timeout: 5000 }).toBe(true)
  })

  test.each(evicted)('a host without waitUntil: evicted after %s, nothing is lost', async (url, name, children) => {
    ran(`next-${version}`, 'evicted without', bundler)
    const env = { NEXT_LAUNCHER: 'none', NEXT_EVICT: url, AWS_LAMBDA_FUNCTION_NAME: 'f' }
    const { receiver, server } = await serve(env, 50)
    const answer = await request(server.url + url)
    expect(answer.body).toBe(
      { '/api/users/7': '{"id":"7"}', '/api/hello': '{"hello":null}', '/api/legacy': '{}' }[url as string] ??
        (url === '/api/stream' ? 'data: 0\n\ndata: 1\n\ndata: 2\n\n' : ''),
    )
    expect(await server.ended).toBe('SIGKILL')
    const names = inTrace(receiver, answer).map((span) => span.name)
    expect(names).toEqual(expect.arrayContaining([name, ...children]))
  })
})
