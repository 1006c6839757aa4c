/** `npm run demo`: ways of tracing a Lambda function and a Worker, whose platforms end them after every response. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compareAll, findLosers, type Facts } from './facts.ts'
import { joinTraces } from './joined.ts'
import { print } from './print.ts'
import { COLLECTOR_DELAY_MS } from './rounds.ts'
import * as lambda from '../lambda-esbuild/measure.ts'
import * as worker from '../worker-vite/measure.ts'

const DEMO_FAILED = 2

// `exit` is when the harness ends its processes; a signal alone would leave them frozen for ever.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(DEMO_FAILED))
// Cloudflare's tools would write into the home folder and ask the internet, neither of which is needed here.
const CLOUDFLARE = ['WRANGLER_WRITE_LOGS', 'WRANGLER_SEND_METRICS', 'CLOUDFLARE_CF_FETCH_ENABLED']
for (const name of CLOUDFLARE) process.env[name] = 'false'

try {
  const facts = await run()
  if (process.argv.includes('--json')) console.log(JSON.stringify(facts))
  else print(facts)
  process.exitCode = report(facts) ? 1 : 0
} catch (error) {
  const { message, cause } = error as Error
  console.error(`the demo failed: ${message}${cause ? `\n${(cause as Error).message}` : ''}`)
  process.exitCode = DEMO_FAILED
}

async function run(): Promise<Facts> {
  if (process.platform === 'win32') throw new Error('Windows cannot freeze a process (SIGSTOP); use WSL')
  const folder = mkdtempSync(path.join(tmpdir(), 'unplugin-otel-demo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const frozen = await lambda.measure(folder)
  const evicted = await worker.measure(folder)
  return {
    node: process.version,
    collectorDelayMs: COLLECTOR_DELAY_MS,
    lambda: { ...frozen, ...compareAll(frozen.variants) },
    worker: { ...evicted, ...compareAll(evicted.variants) },
    joined: await joinTraces(folder),
  }
}

/** Whether ours lost a span, or its trace is not one; which, goes to stderr. */
function report({ joined, ...platforms }: Facts): boolean {
  const losers = [...findLosers(platforms.lambda), ...findLosers(platforms.worker)]
  for (const { id, label, lostSpans } of losers) {
    const spans = lostSpans.slice(0, 5).map(({ name, traceId, spanId }) => `  ${name}  ${traceId}/${spanId}`)
    if (lostSpans.length > spans.length) spans.push(`  and ${lostSpans.length - spans.length} more, see --json`)
    console.error(`(${id}) ${label} lost ${lostSpans.length}:\n${spans.join('\n')}`)
  }
  if (!joined.isOne) console.error("the function's root is not a child in the Worker's trace, see --json")
  return losers.length > 0 || !joined.isOne
}
