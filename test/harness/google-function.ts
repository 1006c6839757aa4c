/** Google's own server of functions, in a process as on Cloud Run: a port, a target, SIGTERM. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

const repository = path.resolve(import.meta.dirname, '../..')
const installed = path.join(repository, 'test/projects/google/node_modules')

export interface FunctionServer {
  readonly url: string
  /** All that it printed. */
  output(): string
  /** SIGTERM, as Cloud Run sends it; resolves with what the process ended with. */
  stop(): Promise<number | NodeJS.Signals | null>
  /** SIGKILL. */
  kill(): Promise<unknown>
}

/** A folder with what Google's frameworks install, and `files` in it. */
export function createGoogleProject(files: Readonly<Record<string, string>>, dependencies: readonly string[]): string {
  const parent = path.join(repository, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'google-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(installed, path.join(folder, 'node_modules'))
  // Without a name, Bun goes on to the one above.
  const manifest = {
    name: 'orders',
    type: 'commonjs',
    dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])),
  }
  for (const [name, text] of Object.entries({ 'package.json': JSON.stringify(manifest), ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

/** @param source the built module */
export async function startFunction(
  source: string,
  target: string,
  env: Readonly<Record<string, string>>,
  signature = 'http',
): Promise<FunctionServer> {
  const port = await freePort()
  const framework = path.join(installed, '@google-cloud/functions-framework/build/src/main.js')
  const child = spawn(
    process.execPath,
    [framework, `--target=${target}`, `--source=${source}`, `--port=${port}`, `--signature-type=${signature}`],
    {
      cwd: path.dirname(source),
      env: { PATH: process.env['PATH'], GCLOUD_PROJECT: 'demo-orders', ...env },
      stdio: 'pipe',
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? code)),
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}`
  while (!output.includes(`URL: http://localhost:${port}/`)) {
    if (child.exitCode !== null) throw new Error(`the framework ended with ${child.exitCode}\n${output}`)
    await sleep(10)
  }
  return {
    url,
    output: () => output,
    stop() {
      child.kill('SIGTERM')
      return ended
    },
    kill() {
      child.kill('SIGKILL')
      return ended
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
