/** What the specs share: the build that a user types, and what it made in an empty folder of the platform's runtime. */
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { run, type Deployment } from '../test/deploy.ts'
import { toTraces, type ReceivedSpan, type SpanNode } from '../src/cli/otlp-span.ts'
import { buildFunction, readBridgeScript } from '../test/projects/sst/build.ts'
import { createJournal } from '../test/harness/journal.ts'
import { startReceiver, type Receiver } from '../test/harness/otlp-receiver.ts'
import { startWorkerd, type WorkerdHost, type WorkerOptions } from '../test/harness/workerd-host.ts'
import { startShop as startDemoShop } from './demo/shop.ts'

export { expectAfterResponse, invoke } from '../test/deploy.ts'

/** Vitest sets them for itself: otel() is off under it, and bundlers build something else. */
const OF_VITEST = /^(VITEST.*|TEST|NODE_ENV|MODE|DEV|PROD|SSR|BASE_URL)$/
/** What tools would tell or ask the internet, or write into the home folder. */
const OFFLINE = {
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_WRITE_LOGS: 'false',
}

// The listeners of `exit` end what was started; a signal alone would leave it, frozen for ever. Vitest's workers
// refuse `process.exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    process.emit('exit', 1)
    process.kill(process.pid, 'SIGKILL')
  })
}

/** The environment of a user's shell. */
function userEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !OF_VITEST.test(name))
  return { ...Object.fromEntries(own), ...OFFLINE }
}

/** `npm run build`, from nothing. Returns what it printed; rejects with that when it fails. */
export async function build(project: string): Promise<string> {
  for (const built of ['dist', '.next']) rmSync(path.join(project, built), { recursive: true, force: true })
  const { ended, output } = npmRun(project, ['build'])
  const status = await ended
  if (status !== 0) throw new Error(`\`npm run build\` in ${project} ended with ${status}\n${output()}`)
  return output()
}

export interface Server {
  readonly receiver: Receiver
  /** GET, or POST with a body; resolves with the text when its last byte is here. */
  request(path: string, body?: string): Promise<string>
  /** SIGTERM to `npm run start` and to what it started, as Ctrl-C does with SIGINT; returns all that it printed. */
  stop(): Promise<string>
}

/** `npm run start` on a free port. */
export async function startServer(project: string): Promise<Server> {
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const { child, ended, output } = npmRun(project, ['start', '--', '--port', '0'], env)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const found = /http:\/\/localhost:\d+/.exec(output())
      if (found && output().includes('Ready')) resolve(found[0])
    })
    void ended.then((status) => reject(new Error(`\`npm run start\` ended with ${status}\n${output()}`)), reject)
  })
  const request = async (path: string, body?: string) => {
    const response = await fetch(url + path, body === undefined ? {} : { method: 'POST', body })
    return response.text()
  }
  const stop = async () => {
    process.kill(-child.pid!, 'SIGTERM')
    await ended
    return output()
  }
  return { receiver, request, stop }
}

/** In a group of its own, which ends with the test at the latest. */
function npmRun(project: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn('npm', ['run', ...args], {
    cwd: project,
    env: { ...userEnv(), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined
  const end = () => void (isRunning() && process.kill(-child.pid!, 'SIGKILL'))
  process.on('exit', end)
  onTestFinished(() => {
    end()
    process.off('exit', end)
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part) => (text += part))
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  return { child, ended, output: () => text }
}

/** Under AWS's runtime client, frozen after each invocation. */
export async function runLambda(built: string, handler: string, env: Record<string, string> = {}): Promise<Deployment> {
  const folder = emptyFolder()
  cpSync(built, folder, { recursive: true })
  return run(folder, { lambda: { handler, env, timeoutMs: 10_000 } })
}

/** What the orders of the demo call. Returns its URL. */
export async function startShop(): Promise<string> {
  const shop = await startDemoShop()
  onTestFinished(shop.stop)
  return shop.url
}

/** In workerd. */
export async function runWorker(
  options: WorkerOptions,
  vars: Record<string, string> = {},
): Promise<{ worker: WorkerdHost; receiver: Receiver }> {
  const journal = createJournal()
  const receiver = await startReceiver({ journal })
  onTestFinished(() => receiver.stop())
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
  const worker = await startWorkerd({ ...options, journal, vars: { ...options.vars, ...endpoint, ...vars } })
  onTestFinished(() => worker.stop())
  return { worker, receiver }
}

/** What `sst deploy` would upload: its CLI asks AWS first, so the bridge within it is called by hand. */
export async function buildWithSst(project: string, handler: string): Promise<{ built: string; report: string }> {
  // esbuild of the version that the CLI has.
  execFileSync(process.execPath, [path.resolve(import.meta.dirname, '../tools/install.mjs'), 'test/projects/sst'])
  const [folder, built] = [emptyFolder(), emptyFolder()]
  const script = path.join(folder, 'plugin.mjs')
  writeFileSync(script, readBridgeScript(project))
  let report = ''
  await buildFunction(handler, built, { script, project, onStderr: (text) => (report += text) })
  return { built, report }
}

/** What an HTTP API gives to a function: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function toHttpEvent(route: string, body: unknown): object {
  const [method, rawPath] = route.split(' ')
  const headers = { 'content-type': 'application/json' }
  const requestContext = { http: { method, path: rawPath } }
  return { version: '2.0', routeKey: route, rawPath, headers, requestContext, body: JSON.stringify(body) }
}

/** The names from each root to each leaf, `POST /orders > charge card`, in alphabetical order; of roots and `scope` only. */
export function toPaths(spans: readonly ReceivedSpan[], scope?: string): string[] {
  const namesBelow = ({ children }: SpanNode): string[][] =>
    children.flatMap((child) => {
      const below = namesBelow(child)
      if (scope && child.scope.name !== scope) return below
      return below.length === 0 ? [[child.name]] : below.map((names) => [child.name, ...names])
    })
  const pathsOf = (root: SpanNode) => {
    const below = namesBelow(root)
    return below.length === 0 ? [root.name] : below.map((names) => [root.name, ...names].join(' > '))
  }
  return toTraces(spans)
    .flatMap(({ roots }) => roots.flatMap(pathsOf))
    .toSorted()
}

/** The routes of the SERVER spans of each trace, in alphabetical order; `-` without one. Those not made by `scope` are marked. */
export function toRoutes(spans: readonly ReceivedSpan[], scope: string): string[] {
  const traces = Map.groupBy(spans, ({ traceId }) => traceId)
  const routeOf = ({ attributes, scope: { name } }: ReceivedSpan) =>
    `${name === scope ? '' : `${name}: `}${attributes['http.route'] ?? '-'}`
  return [...traces.values()]
    .map((trace) => trace.filter(({ kind }) => kind === 2).map(routeOf))
    .map((routes) => routes.toSorted().join(' '))
    .toSorted()
}

/** Apart from the repository: nothing of its `node_modules` is found there. */
function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'playground-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
