/** Imports, variables and options that go with what is taken out. */
import { expect, test } from 'vitest'
import { HEAD, migrate } from './migrate-one.ts'

test('what was there for the flush goes with it, but for what other modules do when they are loaded', () => {
  const before = `import { after } from 'next/server'
import { waitUntil } from '@vercel/functions'
import { trace, SpanKind } from '@opentelemetry/api'
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { work } from './work'

export async function POST(request: Request) {
  const provider = trace.getTracerProvider() as NodeTracerProvider
  after(async () => {
    await provider.forceFlush()
  })
  waitUntil(provider.forceFlush())
  return work(request, SpanKind.SERVER)
}
`
  const migrated = migrate(before)!
  expect(migrated.code).toBe(`import { SpanKind } from '@opentelemetry/api'
import { work } from './work'

export async function POST(request: Request) {
  return work(request, SpanKind.SERVER)
}
`)
})

test.each([
  [`import { provider } from './telemetry'`, `import './telemetry'`],
  [`import provider from './telemetry'`, `import './telemetry'`],
  [`import start, { provider } from './telemetry'`, `import start from './telemetry'`],
  [`import provider, { start } from './telemetry'`, `import { start } from './telemetry'`],
  [`import { a, provider, start } from './telemetry'`, `import { a, start } from './telemetry'`],
  [`import { a, start, provider } from './telemetry'`, `import { a, start } from './telemetry'`],
  [`import { start, type Span, provider } from './telemetry'`, `import { start, type Span } from './telemetry'`],
  [`const { provider } = require('./telemetry')`, `require('./telemetry')`],
  [`const { provider, start } = require('./telemetry')`, `const { start } = require('./telemetry')`],
])('%s', (before, after) => {
  const telemetry = `${HEAD}export { provider }\nexport default provider\nexport const start = 1, a = 2\n`
  const used = /start/.test(before) ? '  start(a)\n' : ''
  const rest = (flush: string) =>
    `\nexport async function handler(start: Span) {\n${flush}${used}  return 1\n}\n`.replace(
      '(start: Span)',
      before.includes('Span') ? '(span: Span)' : '()',
    )
  const migrated = migrate(before + rest('  await provider.forceFlush()\n'), {}, '/chat.ts', telemetry)!
  expect(migrated.code).toBe(after + rest(''))
})

const OTIS = `import { initOtis } from '@runotis/sdk/edge'
import * as ai from 'ai'

const otis = initOtis({ apiKey: '…', serverless: true, debug: false })
const { streamText } = otis.wrap(ai)

export default {
  async fetch(request, env, ctx) {
    const answer = streamText({ prompt: await request.text() })
    ctx.waitUntil(otis.flush())
    return answer.toResponse()
  },
}
`

test('what another client needs is taken out only when that is asked for, and clients stay wrapped', () => {
  expect(migrate(OTIS)).toMatchObject({ code: OTIS, removed: [] })
  const migrated = migrate(OTIS, { all: true })!
  expect(migrated.code).toBe(
    OTIS.replace('/edge', '').replace(' serverless: true,', '').replace('    ctx.waitUntil(otis.flush())\n', ''),
  )
  expect(migrated.left).toMatchObject([{ code: 'otis.wrap(ai)' }])
})

test('an accessor goes with what it was for; what makes something stays', () => {
  const code = `import { zespan } from '@zespan/sdk'
import { Langfuse } from 'langfuse'
zespan.init({})
const client = zespan.getClient()
const langfuse = new Langfuse({
  serverless: true,
})
export async function handler() {
  await client.flush()
  await langfuse.flushAsync()
  return 1
}
`
  expect(migrate(code, { all: true })!.code).toBe(
    code
      .replace('const client = zespan.getClient()\n', '')
      .replace('  await client.flush()\n', '')
      .replace('  await langfuse.flushAsync()\n', ''),
  )
})

test('the only option, and an import of nothing else', () => {
  const code = `import { BaselimeSDK } from '@baselime/node-opentelemetry'
import { flush } from 'braintrust'
new BaselimeSDK({ serverless: true }).start()
export async function handler() {
  await flush()
  return 1
}
`
  expect(migrate(code, { all: true })!.code).toBe(`import { BaselimeSDK } from '@baselime/node-opentelemetry'
new BaselimeSDK({}).start()
export async function handler() {
  return 1
}
`)
})

test('a script keeps its flush, unless it is named', () => {
  const code = `${HEAD}async function job() {\n  work()\n  await provider.forceFlush()\n}\nglobalThis.job = job\n`
  expect(migrate(code)).toMatchObject({
    code,
    left: [{ why: 'the module exports no handler. If it is no script, name the file.' }],
  })
  expect(migrate(`${code}app.http({ handler })\nimport '@azure/functions'`)!.removed).toHaveLength(1)
  expect(migrate(code, { scripts: true })!.code).toBe(code.replace('  await provider.forceFlush()\n', ''))
})
