/** `npm run demo`: the same order handler with six ways of tracing, in a Lambda that freezes after every response. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { toFacts, type Facts } from './facts.ts'
import { measure, type Measured } from './measure.ts'
import { print } from './print.ts'
import { startShop } from './shop.ts'
import { defineVariants } from './variants.ts'

const DEMO_FAILED = 2

// `exit` is when the harness ends its processes; a signal alone would leave them frozen for ever.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(DEMO_FAILED))

try {
  const facts = toFacts(await run())
  if (process.argv.includes('--json')) console.log(JSON.stringify(facts))
  else print(facts)
  process.exitCode = reportLost(facts) ? 1 : 0
} catch (error) {
  const { message, cause } = error as Error
  console.error(`the demo failed: ${message}${cause ? `\n${(cause as Error).message}` : ''}`)
  process.exitCode = DEMO_FAILED
}

async function run(): Promise<Measured[]> {
  if (process.platform === 'win32') throw new Error('Windows cannot freeze a process (SIGSTOP); use WSL')
  const folder = mkdtempSync(path.join(tmpdir(), 'unplugin-otel-demo-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  const shop = await startShop()
  try {
    return await measure(await defineVariants(), shop.url, folder)
  } finally {
    shop.stop()
  }
}

/** Whether ours lost a span; which ones goes to stderr. */
function reportLost({ variants }: Facts): boolean {
  const lost = variants.filter(({ id }) => id === 'd' || id === 'e').filter((variant) => variant.lost > 0)
  for (const { id, label, lostSpans } of lost) {
    const spans = lostSpans.slice(0, 5).map(({ name, traceId, spanId }) => `  ${name}  ${traceId}/${spanId}`)
    if (lostSpans.length > spans.length) spans.push(`  and ${lostSpans.length - spans.length} more, see --json`)
    console.error(`(${id}) ${label} lost ${lostSpans.length}:\n${spans.join('\n')}`)
  }
  return lost.length > 0
}
