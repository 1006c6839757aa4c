/** A real Express app as a handler: a function with properties, which hosts look at before they call it. */
import { createServer, type RequestListener, type Server } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { SpanKind } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import type { Host, Kind } from '../src/contract.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

interface App extends RequestListener {
  (...args: Parameters<RequestListener>): void
  get(path: string, handler: RequestListener): App
  get(name: string): unknown
  set(name: string, value: unknown): App
  use(...handlers: unknown[]): App
  listen(port: number, host: string, listening: () => void): Server
  readonly handle: RequestListener
  readonly locals: Record<string, unknown>
  on(event: string, listener: () => void): App
  emit(event: string): boolean
  mountpath: string
}

const require = createRequire(import.meta.url)
const installed = path.join(import.meta.dirname, 'projects/express/node_modules/express')

async function createApp() {
  const express = require(installed) as () => App
  const { instrument, setup } = await import('unplugin-otel/runtime/node')
  const { als } = await import('unplugin-otel/runtime/context/als')
  const { encoding } = await import('unplugin-otel/runtime/encoding/json')
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const host: Host = {
    id: 'server',
    env: () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }),
    deployed: () => true,
    resource: () => ({}),
    keepAlive: () => 'after',
  }
  const onRequest: Kind = { start: () => ({ name: 'request', kind: SpanKind.SERVER, attributes: {} }) }
  const app = express()
  app.get('/', (_request, response) => void response.end('hello'))
  const meta = { file: 'src/app.ts', name: 'default', line: 1 }
  return { app, wrapper: instrument(onRequest as never, app, meta, setup({}, host, als, encoding)), receiver, express }
}

async function ask(server: Server, route = '/'): Promise<string> {
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return (await fetch(`http://127.0.0.1:${port}${route}`)).text()
}

test('every property is the app’s, and what is set through the wrapper is set there', async () => {
  const { app, wrapper } = await createApp()
  expect(Reflect.ownKeys(wrapper)).toEqual(Reflect.ownKeys(app))
  for (const key of Reflect.ownKeys(app)) expect(wrapper[key as 'listen'], String(key)).toBe(app[key as 'listen'])
  expect([wrapper.length, wrapper.name, typeof wrapper.listen]).toEqual([app.length, app.name, 'function'])
  wrapper.set('title', 'shop').locals['n'] = 1
  expect([app.get('title'), app.locals['n']]).toEqual(['shop', 1])
  let told = 0
  wrapper.on('told', () => void told++)
  expect([app.emit('told'), told]).toEqual([true, 1])
})

test('called as a function, listening, mounted in another app: the answer, and a root where it is called', async () => {
  const { wrapper, receiver, express } = await createApp()
  const called = createServer(wrapper)
  await new Promise<void>((resolve) => called.listen(0, '127.0.0.1', resolve))
  expect(await ask(called)).toBe('hello')
  await receiver.waitForSpans(1)
  // `listen` is the app's own method: what it serves is what it was called on.
  const listening = await new Promise<Server>((resolve) => {
    const server = wrapper.listen(0, '127.0.0.1', () => resolve(server))
  })
  expect(await ask(listening)).toBe('hello')
  await receiver.waitForSpans(2)
  const outer = express().use('/shop', wrapper)
  const mounted = createServer(outer)
  await new Promise<void>((resolve) => mounted.listen(0, '127.0.0.1', resolve))
  expect(await ask(mounted, '/shop/')).toBe('hello')
  expect(wrapper.mountpath).toBe('/shop')
  const direct = createServer((...args) => wrapper.handle(...args))
  await new Promise<void>((resolve) => direct.listen(0, '127.0.0.1', resolve))
  expect(await ask(direct)).toBe('hello')
  expect(receiver.spans.map(({ name }) => name)).toEqual(['request', 'request'])
})
