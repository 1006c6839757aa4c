/** Next's own spans: what they are called, and what must not be in them. Spans of the real SDK. */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import { TracerProvider } from '@opentelemetry/sdk-trace'
import { describe, expect, test } from 'vitest'
import { nextSpans, routeOf } from '../../src/runtime/next-spans.ts'

describe('the route of a file', () => {
  test.each([
    ['app/route.ts', '/'],
    ['app/api/hello/route.ts', '/api/hello'],
    ['src/app/api/hello/route.tsx', '/api/hello'],
    ['app/api/app/route.ts', '/api/app'],
    ['app/pages/route.js', '/pages'],
    ['app/route/route.ts', '/route'],
    ['app/(shop)/users/[id]/route.ts', '/users/[id]'],
    ['app/(shop)/(inner)/route.ts', '/'],
    ['app/(shop)/@modal/photo/route.ts', '/photo'],
    ['app/@modal/route.ts', '/'],
    ['app/docs/[...slug]/route.ts', '/docs/[...slug]'],
    ['app/docs/[[...slug]]/route.ts', '/docs/[[...slug]]'],
    ['app/feed/(.)photo/[id]/route.ts', '/feed/(.)photo/[id]'],
    ['app/feed/(..)photo/route.ts', '/feed/(..)photo'],
    ['app/feed/(..)(..)photo/route.ts', '/feed/(..)(..)photo'],
    ['app/feed/(...)photo/route.ts', '/feed/(...)photo'],
    ['app/robots.txt/route.ts', '/robots.txt'],
    ['app/v1.0/users/route.ts', '/v1.0/users'],
    ['pages/api/hello.ts', '/api/hello'],
    ['pages/api/index.ts', '/api'],
    ['pages/api/users/index.tsx', '/api/users'],
    ['pages/api/users/[id].js', '/api/users/[id]'],
    ['pages/api/[...all].ts', '/api/[...all]'],
    ['pages/api/app/list.ts', '/api/app/list'],
    ['src/pages/api/v1.0/users.ts', '/api/v1.0/users'],
    ['apps/shop/src/app/api/route.ts', '/api'],
    ['apps/web/pages/api/hello.ts', '/api/hello'],
  ])('%s: %s', (file, route) => {
    expect(routeOf(file)).toBe(route)
  })
})

/** One of Next's, from its start to its end. */
function spanOf(name: string, kind: SpanKind, atStart: Attributes, atEnd: Attributes = {}) {
  const ended: { name: string; attributes: Attributes }[] = []
  const provider = new TracerProvider({
    spanProcessors: [
      {
        onStart: (span) => nextSpans.starting(span),
        onEnding: (span) => nextSpans.ending(span),
        onEnd: (span) => void ended.push(span),
        forceFlush: async () => {},
        shutdown: async () => {},
      },
    ],
  })
  const span = provider.getTracer('next.js').startSpan(name, { kind, attributes: atStart })
  expect(nextSpans.isOwn(span)).toBe('next.span_type' in atStart)
  span.setAttributes(atEnd).end()
  return { ...ended[0]!, isRequest: nextSpans.isRequest(span) }
}

const request = (target: string, more: Attributes = {}) => ({
  'next.span_type': 'BaseServer.handleRequest',
  'http.method': 'GET',
  'http.target': target,
  ...more,
})

describe('query values', () => {
  test('of the target go, its keys and its path stay', () => {
    const { attributes } = spanOf('GET', SpanKind.SERVER, request('/reset?token=s3cret&email=a%40b.c&flag'))
    expect(attributes).toMatchObject({
      'http.target': '/reset?token=&email=&flag=',
      'url.path': '/reset',
      'url.query': 'token=&email=&flag=',
      'http.request.method': 'GET',
    })
    expect(JSON.stringify(attributes)).not.toMatch(/s3cret|a%40b|a@b/)
  })

  test('without a query nothing is added but the present names', () => {
    const { attributes } = spanOf('GET', SpanKind.SERVER, request('/users/7'))
    expect(attributes).toMatchObject({ 'http.target': '/users/7', 'url.path': '/users/7' })
    expect(attributes).not.toHaveProperty('url.query')
  })

  test('of what is fetched go with its query, its fragment and its password', () => {
    const url = 'https://me:pa55@api.example/v1/users?key=s3cret#part'
    const { name, attributes } = spanOf(`fetch GET ${url}`, SpanKind.CLIENT, {
      'next.span_type': 'AppRender.fetch',
      'http.method': 'GET',
      'http.url': url,
    })
    expect(name).toBe('fetch GET https://api.example/v1/users')
    expect(attributes['http.url']).toBe('https://api.example/v1/users')
  })

  test.each(['/search?q=s3cret', 'GET /search?q=s3cret'])('a name that is a target: %s', (name) => {
    const span = spanOf(name, SpanKind.SERVER, request('/search?q=s3cret'))
    expect(span.name).toBe('GET')
  })

  test.each([
    ['//', '//'],
    ['//?a=s3cret', '//?a='],
    ['//evil.example/path?a=s3cret', '//evil.example/path?a='],
    ['http://[?a=s3cret', '/http://[?a='],
    ['/%E0%A4%A?a=s3cret', '/%E0%A4%A?a='],
    ['https://shop.example/cart?a=s3cret', '/cart?a='],
    ['/cart#a=s3cret', '/cart'],
    ['', '/'],
  ])('a target that is odd, %j', (target, shown) => {
    const { attributes } = spanOf('GET', SpanKind.SERVER, request(target))
    expect(attributes['http.target']).toBe(shown)
    expect(attributes['url.path']).toBe(shown.replace(/\?.*/, ''))
  })

  test.each([
    ['/relative?a=s3cret', '/relative'],
    ['http://[?a=s3cret', 'http://['],
    ['data:text/plain,s3cret', 'data:'],
    ['', ''],
  ])('an address that is odd, %j', (url, shown) => {
    const start = { 'next.span_type': 'AppRender.fetch', 'http.method': 'GET', 'http.url': url }
    const { name, attributes } = spanOf(`fetch GET ${url}`, SpanKind.CLIENT, start)
    expect([name, attributes['http.url']]).toEqual([`fetch GET ${shown}`, shown])
  })
})

describe('the end of a request', () => {
  const ended = (name: string, atEnd: Attributes) => spanOf(name, SpanKind.SERVER, request('/'), atEnd)

  test('is named by the route, which Next 15 has with the file in it', () => {
    const { name, attributes } = ended('GET /api/users/[id]/route', {
      'http.status_code': 404,
      'http.route': '/api/users/[id]/route',
      'code.file.path': 'app/(shop)/api/users/[id]/route.ts',
    })
    expect(name).toBe('GET /api/users/[id]')
    expect(attributes).toMatchObject({
      'http.route': '/api/users/[id]',
      'http.response.status_code': 404,
      'http.status_code': 404,
    })
  })

  test('of what is no handler of ours keeps Next’s name', () => {
    const { name, attributes } = ended('GET /shop/[id]', { 'http.status_code': 200, 'http.route': '/shop/[id]' })
    expect([name, attributes['http.route'], attributes['http.response.status_code']]).toEqual([
      'GET /shop/[id]',
      '/shop/[id]',
      200,
    ])
  })

  test('a span inside keeps its name and gets no status', () => {
    const more = { 'http.status_code': 200, 'code.file.path': 'app/api/route.ts' }
    const { name, attributes } = spanOf('render', SpanKind.INTERNAL, { 'next.span_type': 'AppRender.x' }, more)
    expect(name).toBe('render')
    expect(attributes).not.toHaveProperty('http.response.status_code')
  })
})

test.each([
  ['BaseServer.handleRequest', SpanKind.SERVER, true],
  ['Middleware.execute', SpanKind.INTERNAL, true],
  ['AppRouteRouteHandlers.runHandler', SpanKind.INTERNAL, true],
  ['NextNodeServer.findPageComponents', SpanKind.INTERNAL, false],
  ['AppRender.fetch', SpanKind.CLIENT, false],
] as const)('%s begins a request: %#', (type, kind, isRequest) => {
  expect(spanOf('any', kind, { 'next.span_type': type }).isRequest).toBe(isRequest)
})

test('a span of somebody else is not Next’s', () => {
  spanOf('GET', SpanKind.SERVER, { 'http.target': '/a' })
})

test('a middleware is not called by the path, which Next 15 does', () => {
  const start = request('/users/7', { 'next.span_type': 'Middleware.execute' })
  const { name, attributes } = spanOf('middleware GET /users/7', SpanKind.INTERNAL, start)
  expect([name, attributes['next.span_name']]).toEqual(['middleware GET', 'middleware GET'])
})
