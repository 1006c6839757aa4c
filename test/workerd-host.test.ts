/** The Cloudflare harness by itself: a Worker written by hand, without the plugin. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createJournal } from './harness/journal.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { WORKER } from './harness/workerd-example.ts'
import { startWorkerd, type WorkerdOptions } from './harness/workerd-host.ts'
import type { AddressInfo } from 'node:net'

async function start(options: Partial<WorkerdOptions> = {}) {
  const journal = createJournal()
  const receiver = await startReceiver({ journal })
  onTestFinished(() => receiver.stop())
  const workerd = await startWorkerd({
    source: WORKER,
    journal,
    durableObjects: { COUNTER: 'Counter' },
    ...options,
    vars: { COLLECTOR: `${receiver.url}/v1/traces`, ...options.vars },
  })
  onTestFinished(() => workerd.stop())
  const json = async (route: string) => (await workerd.fetch(route)).json()
  return { journal, receiver, workerd, json }
}

/** Reads requests and never answers. */
async function startHanging() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/`, asked: once(server, 'request') }
}

test('settled: after the waitUntil work, whose request arrives after the response has left', async () => {
  const { journal, receiver, workerd } = await start()
  await workerd.request('/wait-until')
  expect(receiver.requests).toHaveLength(0)
  await workerd.settled()
  expect(receiver.requests).toHaveLength(1)
  expect(journal.entries.map(({ type }) => type)).toEqual([
    'request-sent',
    'response-first-byte',
    'response-last-byte',
    'otlp-first-byte',
    'otlp-answered',
    'invocation-settled',
  ])
  const [last, settled] = ['response-last-byte', 'invocation-settled'].map((type) => journal.of(type)[0]!.at)
  expect(settled! - last!).toBeGreaterThan(150)
  expect(workerd.invocations).toMatchObject([{ worker: 'main', kind: 'fetch', outcome: 'ok', exceptions: [] }])
})

test('settled: fails with what still runs', async () => {
  const hanging = await startHanging()
  const { workerd } = await start({ vars: { HANGING: hanging.url } })
  await workerd.fetch('/hang')
  await expect(workerd.settled(300)).rejects.toThrow('not settled after 300 ms: fetch')
})

test('evict: module state and what is in flight are lost, storage and the address stay', async () => {
  const hanging = await startHanging()
  const { receiver, workerd, json } = await start({ vars: { HANGING: hanging.url } })
  const { url } = workerd
  expect([await json('/'), await json('/')]).toEqual([{ requests: 1 }, { requests: 2 }])
  expect([await json('/add'), await json('/add')].at(-1)).toEqual({ stored: 2, inMemory: 2 })
  await workerd.settled()
  await Promise.all([hanging.asked, workerd.fetch('/hang')])
  await expect.poll(() => workerd.invocations.at(-1)).not.toHaveProperty('outcome')
  await workerd.evict()
  expect(await json('/')).toEqual({ requests: 1 })
  expect(await json('/add')).toEqual({ stored: 3, inMemory: 1 })
  await workerd.settled()
  expect(workerd.url).toBe(url)
  expect(receiver.requests).toHaveLength(0)
  expect(workerd.invocations.map(({ outcome }) => outcome)).toContain('evicted')
})

test('one Durable Object thrown out of memory', async () => {
  const { workerd, json } = await start()
  expect([await json('/'), await json('/add')]).toEqual([{ requests: 1 }, { stored: 1, inMemory: 1 }])
  await workerd.settled()
  await workerd.evictDurableObject('Counter', { name: 'a' })
  expect([await json('/'), await json('/add')]).toEqual([{ requests: 2 }, { stored: 2, inMemory: 1 }])
})

test('a Durable Object settles with its own waitUntil work, an alarm is an invocation', async () => {
  const { workerd, json } = await start()
  await json('/add')
  await workerd.settled()
  expect(workerd.invocations).toMatchObject([
    { kind: 'fetch' },
    { kind: 'jsrpc', entrypoint: 'Counter', outcome: 'ok' },
  ])
  await json('/wake')
  await expect.poll(() => workerd.console).toEqual([{ level: 'info', message: 'alarm' }])
  await workerd.settled()
  expect(workerd.invocations.at(-1)).toMatchObject({ kind: 'alarm', entrypoint: 'Counter', outcome: 'ok' })
})

test('scheduled, queue, and a queue the Worker writes to itself', async () => {
  const { workerd } = await start({ queueProducers: { JOBS: 'jobs' }, queueConsumers: ['jobs'] })
  expect(await workerd.scheduled('1 2 3 4 5')).toEqual({ outcome: 'ok', noRetry: false })
  expect(await workerd.queue('jobs', [{ a: 1 }, 'text'])).toMatchObject({ outcome: 'ok', explicitAcks: [] })
  await workerd.fetch('/send')
  await expect
    .poll(() => workerd.console.map(({ message }) => message))
    .toEqual(['1 2 3 4 5', "jobs [ { a: 1 }, 'text' ]", "jobs [ { from: 'worker' } ]"])
  await workerd.settled()
  const kinds = workerd.invocations.map(({ kind, outcome }) => `${kind} ${outcome}`)
  expect(kinds.toSorted()).toEqual(['fetch ok', 'queue ok', 'queue ok', 'scheduled ok'])
})

test('a streamed body chunk by chunk, and a client that leaves in the middle', async () => {
  const { journal, workerd } = await start()
  const streamed = await workerd.request('/stream')
  expect(streamed).toMatchObject({ status: 200, text: 'chunkchunkchunk', complete: true })
  expect(streamed.chunks).toHaveLength(3)
  const left = await workerd.request('/endless', { disconnect: { afterBytes: 10 } })
  expect(left).toMatchObject({ status: 200, complete: false })
  await workerd.settled()
  expect(workerd.console).toEqual([{ level: 'warn', message: 'Network connection lost.' }])
  expect(journal.of('client-disconnect')).toMatchObject([{ requestId: 'request-2' }])
})

test('another Worker behind a service binding, variables, an exception', async () => {
  const { workerd } = await start({
    vars: { NAME: 'Ada' },
    services: { OTHER: { name: 'other', entrypoint: 'Greeter' } },
    workers: { other: { source: WORKER } },
  })
  expect(await (await workerd.fetch('/greet')).text()).toBe('hello Ada')
  expect((await workerd.fetch('/throw')).status).toBe(500)
  await workerd.settled()
  expect(workerd.invocations).toMatchObject([
    { worker: 'main', kind: 'fetch' },
    { worker: 'other', kind: 'jsrpc', entrypoint: 'Greeter' },
    { worker: 'main', kind: 'fetch', outcome: 'exception', exceptions: ['Error: on purpose'] },
  ])
})

test('a folder with chunks; a Worker that does not start', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'workerd-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(path.join(folder, 'assets'))
  writeFileSync(
    path.join(folder, 'index.js'),
    `export default { fetch: () => import('./assets/a.js').then((a) => a.reply()) }`,
  )
  writeFileSync(path.join(folder, 'assets/a.js'), `export const reply = () => new Response('from a chunk')`)
  const { workerd } = await start({ source: folder, durableObjects: {} })
  expect(await (await workerd.fetch('/')).text()).toBe('from a chunk')
  await expect(startWorkerd({ source: `\nthrow new Error('at load')` })).rejects.toThrow('at load')
})
