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
  rmSync(path.join(project, 'dist'), { recursive: true, force: true })
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const child = spawn('npm', ['run', 'build'], { cwd: project, env: userEnv(), detached: true, stdio: [...stdio] })
  const isRunning = () => child.exitCode === null && child.signalCode === null && child.pid !== undefined
  const end = () => void (isRunning() && process.kill(-child.pid!, 'SIGKILL'))
  process.on('exit', end)
  onTestFinished(() => {
    end()
    process.off('exit', end)
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const status = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (status !== 0) throw new Error(`\`npm run build\` in ${project} ended with ${status}\n${output}`)
  return output
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

/** The names from each root to each leaf, `POST /orders > charge card`, in alphabetical order. */
export function toPaths(spans: readonly ReceivedSpan[]): string[] {
  const leavesOf = ({ name, children }: SpanNode): string[] =>
    children.length === 0 ? [name] : children.flatMap((child) => leavesOf(child).map((path) => `${name} > ${path}`))
  return toTraces(spans)
    .flatMap(({ roots }) => roots.flatMap(leavesOf))
    .toSorted()
}

/** Apart from the repository: nothing of its `node_modules` is found there. */
function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'playground-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
