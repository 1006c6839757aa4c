/** A server of one's own in a process: a port that it prints, signals, and what it ended with. */
import { spawn } from 'node:child_process'
import { Agent, request, type IncomingMessage } from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export interface NodeServer {
  readonly url: string
  readonly pid: number
  /** All that it printed. */
  output(): string
  /** @returns the exit code, or the signal that it died of */
  signal(name: NodeJS.Signals): Promise<number | NodeJS.Signals | null>
  /** The same, by itself. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** @param file the built module; it prints `listening on <port>` */
export async function startNodeServer(
  file: string,
  env: Readonly<Record<string, string>> = {},
  nodeArgs: readonly string[] = [],
): Promise<NodeServer> {
  const child = spawn(process.execPath, [...nodeArgs, file], {
    cwd: path.dirname(file),
    env: { PATH: process.env['PATH'], ...env },
    stdio: 'pipe',
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  // When its pipes are empty, too.
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  let port: string | undefined
  while (!port) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}\n${output}`)
    port = /listening on (\d+)\n/.exec(output)?.[1]
    if (!port) await sleep(5)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid!,
    output: () => output,
    ended,
    signal(name) {
      child.kill(name)
      return ended
    },
  }
}

export interface Asked {
  readonly path?: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly agent?: Agent
  /** The caller hangs up after that many bytes of the body. */
  readonly cancelAfterBytes?: number | undefined
}

export interface Answered {
  readonly status: number
  /** As sent, in their order, without the date. */
  readonly headers: readonly string[]
  /** latin1 */
  readonly body: string
  /** The answer broke off. */
  readonly broken?: true
}

/** @throws when there is no answer at all */
export function ask(url: string, asked: Asked = {}): Promise<Answered> {
  const { path: target = '/', method = 'GET', headers = {}, body, agent, cancelAfterBytes } = asked
  return new Promise((resolve, reject) => {
    const outgoing = request(url + target, { method, headers, ...(agent && { agent }) })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming: IncomingMessage) => {
      const chunks: Buffer[] = []
      let bytes = 0
      const answer = (broken?: true) => {
        const pairs = Array.from({ length: incoming.rawHeaders.length / 2 }, (_, n) =>
          incoming.rawHeaders.slice(2 * n, 2 * n + 2).join(': '),
        )
        resolve({
          status: incoming.statusCode!,
          headers: pairs.filter((line) => !/^date:/i.test(line)),
          body: Buffer.concat(chunks).subarray(0, cancelAfterBytes).toString('latin1'),
          ...(broken && { broken }),
        })
      }
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        bytes += chunk.length
        if (cancelAfterBytes === undefined || bytes < cancelAfterBytes) return
        answer()
        outgoing.destroy()
      })
      incoming.on('end', () => answer())
      incoming.on('error', () => answer(true))
    })
    outgoing.end(body)
  })
}

/** One connection, kept alive. */
export function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  return agent
}
