import { onTestFinished } from 'vitest'
import { startApiServer } from './api-server.ts'
import type { ApiRoutes } from './api-server.ts'

export type Call = (method: string, path: string, headers?: Record<string, string>, body?: string) => Promise<Answer>

interface Answer {
  status: number
  headers: Headers
  text: string
  errorType?: string
}

/** Serves one of the two APIs without any process, for as long as the test lasts. */
export async function callerOf(routes: ApiRoutes): Promise<Call> {
  const server = await startApiServer(routes)
  onTestFinished(() => server.close())
  return async (method, path, headers = {}, body = undefined) => {
    const url = `http://${server.address}/${path}`
    const response = await fetch(url, { method, headers, ...(body !== undefined && { body }) })
    const text = await response.text()
    const errorType = text.startsWith('{') ? JSON.parse(text).errorType : undefined
    return { status: response.status, headers: response.headers, text, errorType }
  }
}
