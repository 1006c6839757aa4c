/** What must never hold the environment or change what the caller sees. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { buildFunction, deploy, functions, invoke, run, type Deployment } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const work = path.join(functions, 'work.ts')

/** Types of the journal since the last release. */
function lastEvents({ journal }: Deployment): string[] {
  const types = journal.entries.map(({ type }) => type)
  return types.slice(types.lastIndexOf('invoke-released'))
}

/** The runtime asked for its next event and nothing else was waited for. */
function expectNotHeld(deployment: Deployment): void {
  const events = lastEvents(deployment)
  expect(events).not.toContain('extension-next')
  expect(events.slice(events.indexOf('runtime-next') + 1, events.indexOf('invoke-finished'))).toEqual([])
}

function expectBeforeResponse(deployment: Deployment): void {
  const events = lastEvents(deployment)
  expect(events.indexOf('otlp-answered')).toBeGreaterThan(0)
  expect(events.indexOf('otlp-answered')).toBeLessThan(events.indexOf('response-first-byte'))
}

test('a deployed handler that is not wrapped registers no extension', async () => {
  const source = `
    export const handler = async () => 'wrapped'
    /* otel:ignore */ export const main = async () => 'raw'
  `
  const deployment = await deploy(source, { lambda: { handler: 'index.main' } })
  expect(deployment.lambda.coldStart.registered).toEqual([])
  for (let i = 0; i < 3; i++) {
    expect((await invoke(deployment)).json()).toBe('raw')
    expectNotHeld(deployment)
  }
  expect(deployment.receiver.spans).toEqual([])
})

test('a module that only imports a wrapped handler of the same name is waited for once, briefly', async () => {
  const folder = await buildFunction(`export const handler = async () => 'wrapped'\n`)
  writeFileSync(path.join(folder, 'entry.mjs'), `import './index.mjs'\nexport const handler = async () => 'raw'\n`)
  const deployment = await run(folder, { lambda: { handler: 'entry.handler' } })
  expect(deployment.lambda.coldStart.registered).toEqual(['unplugin-otel'])
  const results = [await invoke(deployment), await invoke(deployment), await invoke(deployment)]
  expect(results.map((result) => result.json())).toEqual(['raw', 'raw', 'raw'])
  // The first waits 100 ms for a wrapper to begin; afterwards it is known that none will.
  for (const { busyMs } of results) expect(busyMs).toBeLessThan(1000)
  expect(results.at(-1)!.busyMs).toBeLessThan(results[0]!.busyMs)
})

test('a name that is already registered: the flush is awaited instead', async () => {
  const taken = `
    const register = await fetch('http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/register', {
      method: 'POST', headers: { 'lambda-extension-name': 'unplugin-otel' }, body: '{"events":[]}',
    })
    fetch('http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/event/next', {
      headers: { 'lambda-extension-identifier': register.headers.get('lambda-extension-identifier')! },
    }).catch(() => {})
    export const handler = async () => 'ok'
  `
  const deployment = await deploy(taken, { receiver: { delayMs: 20 } })
  for (let i = 0; i < 3; i++) {
    expect((await invoke(deployment)).json()).toBe('ok')
    expectBeforeResponse(deployment)
    expectNotHeld(deployment)
  }
  expect(deployment.receiver.spans).toHaveLength(3)
})

test.each(['esm', 'cjs'] as const)(
  'a refused registration (%s): the flush is awaited, within the budget',
  async (format) => {
    const deployment = await deploy(work, { format, lambda: { registration: 'refuse' }, receiver: { delayMs: 20 } })
    for (let i = 0; i < 20; i++) {
      await invoke(deployment)
      expectBeforeResponse(deployment)
      expectNotHeld(deployment)
    }
    expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
      started: 80,
      lost: [],
      duplicated: [],
    })
  },
)

test('a refused registration and a synchronous handler: its value arrives, flushed before', async () => {
  const deployment = await deploy(`export const handler = (event: { n: number }) => ({ n: event.n + 1 })\n`, {
    lambda: { registration: 'refuse' },
  })
  expect((await invoke(deployment, { n: 1 })).json()).toEqual({ n: 2 })
  expectBeforeResponse(deployment)
})

test("flush.mode 'await' registers nothing and flushes before the response", async () => {
  const deployment = await deploy(work, { otel: { flush: { mode: 'await' } } })
  expect(deployment.lambda.coldStart.registered).toEqual([])
  await invoke(deployment)
  expectBeforeResponse(deployment)
})

test.each([{ registration: 'allow' }, { registration: 'refuse' }] as const)(
  'a throwing handler ($registration): the same error as without us, recorded, nothing held',
  async ({ registration }) => {
    const control = await deploy(work, { otel: false, lambda: { registration } })
    const deployment = await deploy(work, { lambda: { registration } })
    for (let i = 0; i < 3; i++) {
      const expected = await invoke(control, { fail: 'out of stock' })
      const result = await invoke(deployment, { fail: 'out of stock' })
      expect(result.ok).toBe(false)
      expect([result.error?.errorType, result.error?.errorMessage]).toEqual([
        expected.error?.errorType,
        expected.error?.errorMessage,
      ])
      expect(result.busyMs).toBeLessThan(1000)
    }
    const [{ roots: [root] = [] } = {}] = deployment.receiver.traces()
    expect(root).toMatchObject({
      status: { code: 2, message: 'out of stock' },
      attributes: { 'error.type': 'TypeError' },
    })
    expect(root?.events[0]).toMatchObject({ name: 'exception' })
    expect(compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)).toMatchObject({
      started: 12,
      lost: [],
      duplicated: [],
    })
  },
)

test.each([`throw new RangeError('sync')`, `return Promise.reject('a string')`, `return Promise.reject(undefined)`])(
  'what is thrown passes through: %s',
  async (body) => {
    const source = `export function handler() {\n  ${body}\n}\n`
    const expected = await invoke(await deploy(source, { otel: false }))
    const deployment = await deploy(source)
    const result = await invoke(deployment)
    expect([result.error?.errorType, result.error?.errorMessage]).toEqual([
      expected.error?.errorType,
      expected.error?.errorMessage,
    ])
    expect(deployment.receiver.spans).toMatchObject([{ status: { code: 2 } }])
  },
)

test('a lazy thenable is run once', async () => {
  const source = `
    let runs = 0
    export const handler = () => ({ then(resolve: (value: unknown) => void) { runs++; resolve({ runs }) } })
  `
  const deployment = await deploy(source)
  expect((await invoke(deployment)).json()).toEqual({ runs: 1 })
})

test('a handler with a callback keeps its length: runtime client 4 refuses it as without us', async () => {
  const source = `export const handler = (event: unknown, context: unknown, callback: (e: null, r: string) => void) => callback(null, 'x')\n`
  await expect(deploy(source)).rejects.toThrow('CallbackHandlerDeprecated')
})

test('a span that is left open is ended with its reason and does not hold anything', async () => {
  const source = `
    import { trace } from '@opentelemetry/api'
    export const handler = async () => { trace.getTracer('user').startSpan('forgotten'); return 1 }
  `
  const deployment = await deploy(source)
  await invoke(deployment)
  const forgotten = deployment.receiver.spans.find(({ name }) => name === 'forgotten')
  expect(forgotten?.attributes['unplugin_otel.end_reason']).toBe('handler_returned')
})

test('SIGTERM still ends the process, by the signal', async () => {
  const deployment = await deploy(work)
  await invoke(deployment)
  await deployment.lambda.stop()
  expect(deployment.journal.of('sigterm')).toHaveLength(1)
  expect(deployment.journal.of('exit').at(-1)).toMatchObject({ signal: 'SIGTERM' })
})

test.each(['before', 'after'])(
  "a user's own SIGTERM cleanup is finished (their listener set %s ours)",
  async (when) => {
    const listen = `process.once('SIGTERM', async () => { await new Promise((resolve) => setTimeout(resolve, 60)); console.log('CLEANUP DONE'); process.exit(0) })`
    const deployment = await deploy(`
    ${when === 'before' ? listen : ''}
    let listening = false
    export const handler = async () => { if (!listening) { listening = true; ${when === 'after' ? listen : ''} } }
  `)
    await invoke(deployment)
    await deployment.lambda.stop()
    expect(deployment.lambda.output).toContain('CLEANUP DONE')
  },
)

test('a CommonJS bundle behind a shim that reads its default', async () => {
  const folder = await buildFunction(`export const handler = async () => 'ok'\n`, { format: 'cjs' })
  writeFileSync(
    path.join(folder, 'shim.mjs'),
    `const app = await import('./index.cjs')\nexport const handler = app.default.handler\n`,
  )
  const deployment = await run(folder, { lambda: { handler: 'shim.handler' } })
  expect((await invoke(deployment)).json()).toBe('ok')
  expect(deployment.receiver.spans).toHaveLength(1)
})

test('a provider of the user that never finishes its flush costs the budget once, also before the response', async () => {
  const source = `
    import { INVALID_SPAN_CONTEXT, trace } from '@opentelemetry/api'
    const tracer = { startSpan: () => trace.wrapSpanContext(INVALID_SPAN_CONTEXT) }
    trace.setGlobalTracerProvider({ getTracer: () => tracer, forceFlush: () => new Promise(() => {}) } as never)
    export const handler = async () => 'ok'
  `
  const deployment = await deploy(source, { otel: { flush: { budgetMs: 200, mode: 'await' } } })
  const times: number[] = []
  for (let i = 0; i < 4; i++) {
    const result = await invoke(deployment)
    expect(result.json()).toBe('ok')
    times.push(result.responseMs)
  }
  expect(times.filter((ms) => ms > 190)).toHaveLength(1)
})
