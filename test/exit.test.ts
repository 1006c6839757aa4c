/** What a process sends when it ends by itself, and how it ends then. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startReceiver, type ReceiverChanges, type ReceiverMode } from './harness/otlp-receiver.ts'

const program = path.join(import.meta.dirname, 'runtime/exit-process.ts')
/** What the build puts in place of it. */
const version = 'data:text/javascript,globalThis.__VERSION__="0.0.0"'
const SECRET = 'Bearer s3cr3t'

/** @param next what the collector does once the first attempt has failed; `ok` in any case when it was asked again */
async function run(kind: string, changes: ReceiverChanges = {}, budgetMs = 10_000, next: ReceiverMode = 'ok') {
  const receiver = await startReceiver(changes)
  onTestFinished(() => receiver.stop())
  const child = spawn(process.execPath, ['--import', version, program, kind], {
    env: {
      PATH: process.env['PATH'],
      BUDGET_MS: `${budgetMs}`,
      AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=${SECRET}`,
    },
    stdio: 'pipe',
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  const goOn = async (mode: ReceiverMode) => {
    await receiver.set({ mode })
    child.stdin.write('\n')
  }
  child.stderr.on('data', async (chunk) => {
    errors += chunk
    // The first attempt has failed.
    if (!String(chunk).includes('UO205')) return
    await goOn(next)
    if (next === 'ok') return
    await expect.poll(() => receiver.requests.length, { timeout: 20_000 }).toBe(2)
    await goOn('ok')
  })
  const [code, signal] = await once(child, 'close')
  return { receiver, errors, end: { code, signal } }
}

test('nothing is left to send: no thread is started', async () => {
  const { receiver, errors, end } = await run('nothing is left')
  expect({ errors, end }).toEqual({ errors: '', end: { code: 3, signal: null } })
  expect(receiver.spans).toHaveLength(1)
})

test('what could not be delivered before goes out, too', async () => {
  const { receiver, end } = await run('one that failed', { mode: 'cut' })
  expect(end).toEqual({ code: 3, signal: null })
  expect(new Set(receiver.spans.map(({ attributes }) => attributes['faas.invocation.id']))).toEqual(new Set(['1', '2']))
})

test('what waits until one that failed has arrived, too', async () => {
  const { receiver, end } = await run('while one that failed is sent again', { mode: 'cut' }, 10_000, 'hang')
  expect(end).toEqual({ code: 3, signal: null })
  expect(receiver.spans.map(({ attributes }) => attributes['faas.invocation.id']).toSorted()).toEqual(['1', '2'])
})

test('compressed, with the headers; what the thread is started with has no secret, and preloads nothing', async () => {
  const { receiver, errors, end } = await run('many spans')
  expect(end).toEqual({ code: 3, signal: null })
  expect(receiver.spans).toHaveLength(601)
  expect(receiver.requests.map(({ headers, gzip }) => [headers.authorization, gzip])).toEqual([
    [SECRET, true],
    [SECRET, true],
  ])
  expect(errors).toBe('thread {"eval":true,"env":{},"execArgv":[]}\n')
})

test('a collector that never answers: the budget, and the same end', async () => {
  const { receiver, errors, end } = await run('an error', { mode: 'hang' }, 200)
  expect(end).toEqual({ code: 1, signal: null })
  expect(errors).toContain('RangeError: no\n')
  expect(receiver.requests).toHaveLength(1)
})

test('an error that nobody caught is recorded, one that somebody caught is not', async () => {
  const { receiver } = await run('an error')
  expect(receiver.spans).toMatchObject([
    {
      status: { code: 2, message: 'no' },
      attributes: { 'error.type': 'RangeError', 'unplugin_otel.end_reason': 'exit' },
      events: [{ name: 'exception' }],
    },
  ])
  const caught = await run('an error that is caught')
  expect(caught.end).toEqual({ code: 3, signal: null })
  expect(caught.receiver.spans).toMatchObject([{ status: { code: 0 } }])
})
