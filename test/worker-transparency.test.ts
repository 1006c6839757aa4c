/** The same Worker with and without the plugin: what a client and the platform can see is equal. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker, type DeployWorkerOptions } from './deploy-worker.ts'
import { functions } from './deploy.ts'
import { talk } from './harness/web-socket.ts'

const source = path.join(functions, 'transparent/worker.ts')

async function deployBoth(options: DeployWorkerOptions = {}) {
  const upstream = createServer(({ url = '' }, response) => {
    const type = new URL(url, 'http://localhost').searchParams.get('type') ?? ''
    response.writeHead(200, { 'content-type': type, 'content-length': 11 }).end('hello world')
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void upstream.close())
  const vars = { UPSTREAM: `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/` }
  const given = { durableObjects: { KEEPER: 'Keeper' }, ...options, vars }
  return [await deployWorker(source, given), await deployWorker(source, { ...given, otel: false })] as const
}

test('answers, lengths, lazy thenables, hung handlers, cycles, instanceof, stubs', async () => {
  const [ours, control] = await deployBoth()
  const routes = ['/longer', '/shorter', '/stale-stream', '/compressed', '/relayed', '/relayed-stream']
  routes.push('/query', '/detached', '/nothing', '/hung', '/instance', '/shelf', '/stub')
  for (const route of routes) {
    const seen = []
    for (const { worker } of [ours, control]) {
      const { status, headers, body, complete } = await worker.request(route)
      const { date: _date, ...rest } = headers
      await worker.settled()
      const outcomes = worker.invocations.map(({ outcome }) => outcome)
      seen.push({ status, headers: rest, body: body.toString('latin1'), complete, outcomes })
    }
    expect(seen[0], route).toEqual(seen[1])
  }
  const roots = ours.receiver.spans.filter(({ name, kind }) => name === 'GET' && kind === 2)
  // A handler that waits for nothing is cut off, and so is its root.
  expect(roots).toHaveLength(routes.length - 1)
  expect(ours.receiver.spans.some(({ name }) => name.startsWith('Shelf'))).toBe(false)
})

test('no AsyncLocalStorage: what overlapping calls of an object do in the background arrives', async () => {
  const [ours] = await deployBoth({ compatibilityFlags: [] })
  expect(await (await ours.worker.fetch('/overlapping')).json()).toEqual([1, 2, 3, 4])
  await ours.worker.settled()
  const names = ours.receiver.spans.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining([1, 2, 3, 4].map((n) => `background ${n}`)))
})

test('an object sleeps when its export is done, not when the budget is over', async () => {
  const [ours] = await deployBoth({ otel: { flush: { budgetMs: 10_000 } } })
  const begun = performance.now()
  await ours.worker.fetch('/overlapping')
  await ours.worker.settled()
  expect(performance.now() - begun).toBeLessThan(5000)
})

test('messages of one socket that overlap are events of their own', async () => {
  const { worker, receiver } = await deployWorker(path.join(functions, 'shapes-worker.ts'), {
    durableObjects: { LEGACY: 'Legacy', TALKER: 'Talker' },
  })
  await talk(new URL('/talker', worker.url), ['a', 'b', 'c'])
  const messages = () => receiver.spans.filter(({ name }) => name === 'Talker/webSocketMessage')
  await expect.poll(messages, { timeout: 5000 }).toHaveLength(3)
})
