/** Azure's host as far as a function app sees it: it starts the worker, and has it load and run functions. */
import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'

const repository = path.resolve(import.meta.dirname, '../..')
const installed = path.join(repository, 'test/projects/azure/node_modules')

interface Invocation {
  /** What triggers it, in the worker's protocol. */
  readonly data: object
  readonly metadata?: Readonly<Record<string, object>>
  readonly traceParent?: string
}

export interface Answer {
  readonly status: number
  readonly text: string
}

interface Reply {
  readonly returnValue?: Output | null
  readonly outputData?: readonly { readonly name: string; readonly data: Output }[]
}

interface Output {
  readonly http?: {
    readonly statusCode: string
    readonly body?: { readonly bytes?: string; string?: string }
  }
}

export interface FunctionApp {
  /** What `app` has registered. */
  readonly functions: readonly string[]
  invoke(name: string, invocation: Invocation): Promise<Reply>
  request(name: string, url: string, init?: { method?: string; headers?: Record<string, string> }): Promise<Answer>
  loadLegacy(file: string, name: string, bindings: Readonly<Record<string, object>>): Promise<void>
  output(): string
  /** Told to stop; resolves with what the process ended with. */
  terminate(): Promise<number | null>
}

/** A folder with Azure's library, and `files` in it. */
export function createFunctionApp(files: Readonly<Record<string, string>>, dependencies: readonly string[]): string {
  const parent = path.join(repository, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'azure-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(installed, path.join(folder, 'node_modules'))
  const manifest = { name: 'orders', dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])) }
  const own = { 'package.json': JSON.stringify(manifest), 'host.json': '{ "version": "2.0" }' }
  for (const [name, text] of Object.entries({ ...own, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** @param file the built entry; none: only functions of the older model */
export async function startFunctionApp(
  file: string | undefined,
  env: Readonly<Record<string, string>>,
): Promise<FunctionApp> {
  const child = fork(path.join(import.meta.dirname, 'azure-worker.cjs'), {
    env: { PATH: process.env['PATH'], NODE_PATH: installed, FUNCTIONS_WORKER_RUNTIME: 'node', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk))
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  child.on('message', ({ id, value, error }: { id: number; value: unknown; error?: string }) => {
    const { resolve, reject } = waiting.get(id)!
    waiting.delete(id)
    if (error === undefined) resolve(value)
    else reject(new Error(error))
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  void ended.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the worker ended with ${code}\n${output}`))
  })
  let last = 0
  const tell = <T>(command: string, options: object = {}): Promise<T> =>
    new Promise<unknown>((resolve, reject) => {
      waiting.set(++last, { resolve, reject })
      child.send({ id: last, command, ...options })
    }) as Promise<T>

  const { functions, capabilities } = await tell<{ functions: string[]; capabilities: { HttpUri?: string } }>('load', {
    file,
  })

  const invoke = (
    name: string,
    { data, metadata = {}, traceParent }: Invocation,
    invocationId: string = randomUUID(),
  ) =>
    tell<Reply>('invoke', {
      name,
      data,
      invocationId,
      triggerMetadata: metadata,
      traceContext: traceParent && { traceParent, traceState: '' },
    })

  return {
    functions,
    invoke,
    async request(name, url, { method = 'GET', headers = {} } = {}) {
      const { searchParams } = new URL(url)
      const http = { method, url, headers, params: {}, query: Object.fromEntries(searchParams) }
      // The host's span goes on with the caller's trace.
      const given = { data: { http }, ...(headers['traceparent'] && { traceParent: headers['traceparent'] }) }
      if (capabilities.HttpUri) {
        // The host forwards the request itself, and gets the answer as it is written.
        const invocationId = randomUUID()
        const forwarded = { 'x-forwarded-host': new URL(url).host, 'x-forwarded-proto': 'https' }
        const [answer] = await Promise.all([
          fetch(capabilities.HttpUri, {
            method,
            headers: { ...headers, ...forwarded, 'x-ms-invocation-id': invocationId },
          }),
          invoke(name, given, invocationId),
        ])
        return { status: answer.status, text: await answer.text() }
      }
      const { returnValue, outputData = [] } = await invoke(name, given)
      const reply = (returnValue ?? outputData.find(({ data }) => data.http)?.data)?.http
      const { bytes, string = '' } = reply?.body ?? {}
      return { status: Number(reply?.statusCode), text: bytes ?? string }
    },
    loadLegacy: (legacy, name, bindings) => tell('loadLegacy', { file: legacy, metadata: { name, bindings } }),
    output: () => output,
    terminate() {
      tell('terminate').catch(() => {})
      return ended
    },
  }
}
