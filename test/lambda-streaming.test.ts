/** Response streaming: the root stays open until the stream ended, the export comes after it. */
import { expect, test } from 'vitest'
import { deploy, invoke, type Deployment } from './deploy.ts'

const source = `
  import { setTimeout as sleep } from 'node:timers/promises'
  import { trace } from '@opentelemetry/api'
  const tracer = trace.getTracer('user')
  export const handler = awslambda.streamifyResponse(async (event, stream, context) => {
    if (event.prelude) stream = awslambda.HttpResponseStream.from(stream, { statusCode: event.prelude, headers: { 'x-a': 'b' } })
    for (let i = 0; i < event.chunks; i++) {
      await tracer.startActiveSpan('chunk', async (span) => { stream.write('chunk ' + i + '\\n'); await sleep(10); span.end() })
      if (event.failAt === i) throw new Error('midway')
    }
    stream.end()
  }, { highWaterMark: 1024 })
`

function expectAfterStream({ journal }: Deployment): void {
  const types = journal.entries.map(({ type }) => type)
  expect(types.indexOf('otlp-first-byte')).toBeGreaterThan(types.lastIndexOf('response-last-byte'))
}

test.each(['esm', 'cjs'] as const)('%s: chunks as they are written, spans after the last byte', async (format) => {
  const deployment = await deploy(source, { format, extension: 'js', receiver: { delayMs: 30 } })
  const result = await invoke(deployment, { chunks: 3 })
  expect(result).toMatchObject({ ok: true, streaming: true, text: 'chunk 0\nchunk 1\nchunk 2\n' })
  expectAfterStream(deployment)
  const [{ roots: [root] = [] } = {}] = deployment.receiver.traces()
  expect(root?.children.map(({ name }) => name)).toEqual(['chunk', 'chunk', 'chunk'])
  expect(root!.endMs - root!.startMs).toBeGreaterThanOrEqual(25)
})

test('the metadata prelude passes through', async () => {
  const result = await invoke(await deploy(source, { extension: 'js' }), { chunks: 1, prelude: 201 })
  expect(result).toMatchObject({ ok: true, text: 'chunk 0\n', prelude: { statusCode: 201, headers: { 'x-a': 'b' } } })
})

test.each([{ registration: 'allow' }, { registration: 'refuse' }] as const)(
  'an error midway ($registration): the same trailers as without us, the root is an error',
  async ({ registration }) => {
    const expected = await invoke(await deploy(source, { otel: false, extension: 'js' }), { chunks: 3, failAt: 1 })
    const deployment = await deploy(source, { extension: 'js', lambda: { registration } })
    const result = await invoke(deployment, { chunks: 3, failAt: 1 })
    expect([result.text, result.ok, result.error?.errorMessage]).toEqual([
      expected.text,
      expected.ok,
      expected.error?.errorMessage,
    ])
    const root = deployment.receiver.spans.find(({ kind }) => kind === 2)
    expect(root?.status).toEqual({ code: 2, message: 'midway' })
    expect(deployment.receiver.spans).toHaveLength(3)
  },
)

test('a refused registration: exported when the client has its last byte, before the handler settles', async () => {
  const deployment = await deploy(source, {
    extension: 'js',
    lambda: { registration: 'refuse' },
    receiver: { delayMs: 30 },
  })
  for (let i = 0; i < 5; i++) await invoke(deployment, { chunks: 2 })
  expect(deployment.receiver.spans).toHaveLength(15)
})
