import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { startFunction } from './function-folder.ts'
import { createJournal } from './journal.ts'
import { startReceiver } from './otlp-receiver.ts'
import type { AddressInfo } from 'node:net'
import type { ExternalExtension } from './lambda-host.ts'

test('an external extension: init waits for it, frozen with the function, SHUTDOWN', async () => {
  const journal = createJournal()
  const collector = await startReceiver({ journal })
  onTestFinished(() => collector.stop())
  const port = await freePort()
  const lambda = await startFunction(POSTS_A_SPAN_LATE, {
    journal,
    env: { FORWARDER_PORT: String(port) },
    externalExtensions: [forwarder(collector.url, port, 'at-once')],
  })
  expect(lambda.coldStart.registered).toEqual(['collector'])
  const order = journal.entries.map((entry) => entry.type)
  expect(order.indexOf('register')).toBeLessThan(order.lastIndexOf('spawn'))

  const names = () => collector.spans.map((span) => span.name)
  await (
    await lambda.invoke('first')
  ).finished
  expect(names()).toEqual([]) // in the buffer of a frozen extension
  await (
    await lambda.invoke('second')
  ).finished
  expect(names()).toEqual(['first'])
  await lambda.stop()
  expect(names()).toEqual(['first', 'second'])
  expect(journal.of('sigterm')).toMatchObject([{ name: 'runtime' }])
  expect(journal.of('exit').at(-1)).toMatchObject({ name: 'collector', code: 0 })
})

test('a timeout: the external extension is told and forwards what it has', async () => {
  const journal = createJournal()
  const collector = await startReceiver()
  onTestFinished(() => collector.stop())
  const port = await freePort()
  const lambda = await startFunction(
    POSTS_A_SPAN_LATE.replace(
      /await post(.*);/,
      'await post$1; await new Promise((resolve) => setTimeout(resolve, 9000));',
    ),
    {
      journal,
      timeoutMs: 250,
      env: { FORWARDER_PORT: String(port) },
      externalExtensions: [forwarder(collector.url, port, 'at-once')],
    },
  )
  const late = await lambda.invoke('late')
  expect(late).toMatchObject({ ok: false, timedOut: true })
  await late.finished
  expect(collector.spans).toHaveLength(1)
  expect(journal.of('sigterm')).toEqual([])
  // Both end at about the same time; who is heard of first is up to the machine.
  expect(journal.of('exit').toSorted((a, b) => String(a.name).localeCompare(String(b.name)))).toMatchObject([
    { name: 'collector', code: 0 },
    { name: 'runtime', signal: 'SIGKILL' },
  ])
})

test('an external extension that asks for next late holds the environment', async () => {
  const collector = await startReceiver()
  onTestFinished(() => collector.stop())
  const port = await freePort()
  const lambda = await startFunction(POSTS_A_SPAN_LATE, {
    env: { FORWARDER_PORT: String(port) },
    externalExtensions: [forwarder(collector.url, port, '200')],
  })
  const first = await lambda.invoke('first')
  await first.finished
  expect(first.busyMs).toBeGreaterThan(50)
  expect(collector.spans).toHaveLength(1)
})

test('an external extension that exits during init fails it', async () => {
  const externalExtensions = [{ name: 'gone', command: process.execPath, args: ['--eval', '0'] }]
  const starting = startFunction(`export const handler = async () => {};`, { externalExtensions })
  await expect(starting).rejects.toThrow('extension gone exited')
})

/** It posts after 50 ms: an extension that asks for next at once has done so by then. */
const POSTS_A_SPAN_LATE = `
  import { request } from 'node:http';
  const headers = { 'content-type': 'application/json' };
  const post = (body) => new Promise((resolve, reject) => {
    const url = 'http://127.0.0.1:' + process.env.FORWARDER_PORT + '/v1/traces';
    request(url, { method: 'POST', agent: false, headers }, (reply) => reply.resume().on('end', resolve))
      .on('error', reject)
      .end(JSON.stringify(body));
  });
  export const handler = async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name };
    await post({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  };
`

function forwarder(url: string, port: number, askNext: string): ExternalExtension {
  return {
    name: 'collector',
    command: process.execPath,
    args: [fileURLToPath(new URL('external-extension.mjs', import.meta.url)), 'collector'],
    env: { FORWARDER_PORT: String(port), FORWARD_TO: url, ASK_NEXT: askNext },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
