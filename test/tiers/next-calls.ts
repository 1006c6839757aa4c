/** How Next.js calls what a module exports, by where the module is: the platform keeps it awake by `waitUntil`. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isClass } from '../plugin/describe-module.ts'
import { settle } from './settle.ts'

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
const background: unknown[] = []

/** As Vercel and the adapters of Next.js have it. https://nextjs.org/docs/app/api-reference/functions/after */
export function hostNext(): void {
  const context = { waitUntil: (work: unknown) => void background.push(work) }
  Object.assign(globalThis, { [Symbol.for('@next/request-context')]: { get: () => context } })
}

export async function invokeNext(value: unknown, name: string, fixture: string): Promise<unknown> {
  if (typeof value !== 'function' || isClass(value)) return undefined
  const convention = fixture.replace(/-.*/, '')
  const request = (method: string) => new Request('https://example.com/api/users/7?token=secret', { method })
  let outcome: unknown
  if (convention === 'route') {
    if (METHODS.has(name)) outcome = await settle(() => value(request(name), { params: Promise.resolve({ id: '7' }) }))
  } else if (convention === 'api') {
    if (name === 'default') outcome = await callApi(value)
  } else if (name === 'default' || name === convention) outcome = await settle(() => value(request('GET'), {}))
  // An export alone does not keep a process alive, which has a server that listens.
  const server = setInterval(() => {}, 1_000)
  await Promise.all(background.splice(0))
  clearInterval(server)
  return outcome
}

/** Through a real server: what it gives, and what the client gets. */
async function callApi(handler: Function): Promise<unknown> {
  let given: unknown
  const listener: RequestListener = async (request, response) => {
    given = await settle(async () => {
      try {
        return await handler(request, response)
      } catch (error) {
        // As Next does.
        response.statusCode = 500
        throw error
      }
    })
    // Whoever does not answer keeps the client waiting.
    if (!response.writableEnded) response.end()
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/users/7?token=secret`
  const response = await fetch(url, { headers: { connection: 'close' } })
  const got = [response.status, await response.text()]
  await new Promise((resolve) => server.close(resolve))
  return [given, got]
}
