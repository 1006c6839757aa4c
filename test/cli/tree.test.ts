import { expect, test } from 'vitest'
import { renderTrace } from '../../src/cli/tree.ts'
import { span, spanId, traceId } from './spans.ts'
import type { ReceivedSpan } from '../../src/cli/otlp-span.ts'

function render(spans: ReceivedSpan[], { printed = [] as number[], width = 100, color = false } = {}): string[] {
  return renderTrace({ traceId, spans, printed: new Set(printed.map(spanId)) }, { width, color })
}

const http = { 'http.request.method': 'POST', 'url.path': '/orders', 'http.response.status_code': 502 }
const exception = {
  name: 'exception',
  timeMs: 0,
  attributes: {
    'exception.type': 'TypeError',
    'exception.message': 'card\nis undefined',
    'exception.stacktrace': 'at',
  },
}
const checkout = [
  span(1, 'POST /orders', {
    ms: 100,
    attributes: { 'faas.coldstart': true, 'faas.trigger': 'http', ...http },
    status: { code: 2 },
  }),
  span(3, 'charge card', {
    parent: 1,
    at: 40,
    ms: 60,
    status: { code: 2, message: 'card\nis undefined' },
    events: [exception],
  }),
  span(2, 'fetch prices', { parent: 1, at: 10, ms: 25.25, attributes: { 'other.attribute': 1 } }),
  span(4, 'POST /charges', {
    parent: 3,
    at: 45,
    ms: 50,
    service: 'payments',
    attributes: { ...http, 'url.path': '/charges' },
  }),
  span(5, 'SELECT cards', {
    parent: 4,
    at: 50,
    ms: 0.04,
    service: 'payments',
    attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'SELECT', 'db.collection.name': 'cards' },
  }),
]

test('two services, a cold start, an error with its exception', () => {
  expect(render(checkout)).toEqual([
    `trace ${traceId}  orders, payments · 5 spans · 2 errors · 100.0 ms`,
    'POST /orders        ━━━━━━━━━━━━━━━━━━━━━━━━  100.0 ms  error · cold start',
    '│ http POST /orders 502 · faas http',
    '├ fetch prices        ━━━━━━━                  25.3 ms',
    '└ charge card                ━━━━━━━━━━━━━━━   60.0 ms  error',
    '  │ TypeError: card\\nis undefined',
    '  └ POST /charges             ━━━━━━━━━━━━━    50.0 ms  payments · http POST /charges 502',
    '    └ SELECT cards              ━               0.0 ms  db postgresql SELECT cards',
  ])
})

test('late spans are shown under their ancestors, which were printed before', () => {
  const late = span(6, 'audit', {
    parent: 4,
    at: 90,
    ms: 60,
    service: 'audit',
    attributes: { 'messaging.system': 'kafka' },
  })
  expect(render([...checkout, late], { printed: [1, 2, 3, 4, 5] })).toEqual([
    `trace ${traceId}  audit · continued, 1 span · 150.0 ms`,
    'POST /orders  (above)',
    '└ charge card  (above)',
    '  └ POST /charges  (above)',
    '    └ audit                      ━━━━━━━━━━   60.0 ms  audit · messaging kafka',
  ])
})

test('parents that did not arrive, a narrow terminal, long names and messages', () => {
  const lines = render(
    [
      span(1, 'GET /a/rather/long/route/{id}/that/does/not/fit', { parent: 9, attributes: http }),
      span(2, 'async', { parent: 1, at: 5_000, ms: 70_000, status: { code: 2, message: 'no '.repeat(200) } }),
    ],
    { width: 60 },
  )
  expect(lines).toEqual([
    `trace ${traceId}  orders · 2 spans · …`,
    'GET /a/rather/long/rout…  ━                10.0 ms  parent not received',
    '│ http POST /orders 502',
    '└ async                   ━━━━━━━━━━━━━━   1.2 min  error',
    ...Array.from({ length: 3 }, () => expect.stringMatching(/^ {4}(no |o n| no).{53}$/)),
    expect.stringMatching(/^ {4}.{55}…$/),
  ])
})

test('marks that leave no room for attributes do not make a line of none', () => {
  const lines = render([span(1, 'root'), span(2, 'child', { parent: 1, service: 'x'.repeat(90) })])
  expect(lines).toHaveLength(3)
})

test('control and direction characters of the sender are escaped, wide characters keep the columns', () => {
  const evil = '\u001B[2J\u009Bx\u0007\u202Egnp\u2028\uD800'
  const lines = render([
    span(1, evil, { service: `s${evil}`, attributes: { 'url.path': evil }, status: { code: 2, message: evil } }),
    span(2, '注文 🛒', { parent: 1, ms: 0 }),
  ])
  // oxlint-disable-next-line no-control-regex
  expect(lines.join('')).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202E\u2028\uD800]/)
  expect(lines[1]).toContain('\\u001b[2J\\u009bx\\u0007\\u202e')
  expect(lines.at(-1)).toMatch(/^└ 注文 🛒 +━ +0\.0 ms {2}orders$/)
})

test('how the flush before went, where the root says so', () => {
  const flush = {
    'unplugin_otel.flush.duration': 1.0042,
    'unplugin_otel.flush.attempts': 1,
    'unplugin_otel.flush.retained_spans': 12,
    'unplugin_otel.flush.dropped_spans': 0,
  }
  const line = '    flush before: 1.00 s, 1 request, 12 spans kept, 0 dropped'
  expect(render([span(1, 'root', { attributes: flush }), span(2, 'child', { parent: 1 })])[2]).toBe(
    `│${line.slice(1)}`.replace('│   ', '│ '),
  )
  expect(render([span(1, 'root', { attributes: { ...flush, 'unplugin_otel.flush.attempts': 'many' } })])).toHaveLength(
    2,
  )
})

test('colours only when asked for', () => {
  const [, root] = render(checkout, { color: true })
  expect(root).toContain('\u001B[31merror\u001B[39m · \u001B[33mcold start\u001B[39m')
  expect(root!.replaceAll(/\u001B\[\d+m/g, '')).toBe(render(checkout)[1]) // oxlint-disable-line no-control-regex
})

test('any shape: a chain of ten thousand, a thousand children, no time at all', () => {
  const chain = Array.from({ length: 10_000 }, (_, n) => span(n + 1, `n${n}`, { parent: n, ms: 0 }))
  const lines = render(chain)
  expect(lines).toHaveLength(502)
  expect(lines.at(-1)).toBe('… and 9500 more spans')
  const many = [
    span(1, 'root', { at: 10, ms: -5 }),
    ...chain.slice(1).map((one) => ({ ...one, parentSpanId: spanId(1) })),
  ]
  expect(render(many)).toHaveLength(502)
})

test.each<[string, Record<string, string | number>]>([
  [
    'http GET https://shop.example/ 200',
    { 'http.method': 'GET', 'http.url': 'https://shop.example/', 'http.status_code': 200 },
  ],
  ['faas timer', { 'faas.trigger': 'timer' }],
  [
    'messaging aws.sqs process jobs 3',
    {
      'messaging.system.name': 'aws.sqs',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'jobs',
      'messaging.batch.message_count': 3,
    },
  ],
  [
    'rpc grpc Carts Add 0',
    { 'rpc.system': 'grpc', 'rpc.service': 'Carts', 'rpc.method': 'Add', 'rpc.grpc.status_code': 0 },
  ],
  [
    'gen_ai openai chat gpt-5 812 in 90 out',
    {
      'gen_ai.provider.name': 'openai',
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'gpt-5',
      'gen_ai.usage.input_tokens': 812,
      'gen_ai.usage.output_tokens': 90,
    },
  ],
  ['db redis GET', { 'db.system': 'redis', 'db.operation': 'GET' }],
])('%s', (text, attributes) => {
  expect(render([span(1, 'one', { attributes })])[1]).toMatch(new RegExp(`10\\.0 ms {2}${text}$`))
})
