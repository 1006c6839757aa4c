/** The facts on one screen: a table for each platform, traces as `npx unplugin-otel dev` prints them. */
import { renderTrace } from '../../src/cli/tree.ts'
import type { ReceivedSpan } from '../../test/harness/otlp-receiver.ts'
import { findLosers, type Facts, type PlatformFacts, type VariantFacts } from './facts.ts'

const LABEL_WIDTH = 39

/** Two lines of heading, and the cell; undefined where the platform has no such thing. */
const COLUMNS: [string, string, (variant: VariantFacts) => string | undefined][] = [
  ['spans', 'started', ({ started }) => String(started)],
  ['spans', 'lost', ({ lost }) => String(lost)],
  ['requests per', 'invocation', ({ requestsPerInvocation }) => requestsPerInvocation.toFixed(1)],
  ['ms added for', 'the caller', ({ addedMs }) => addedMs.toFixed(1)],
  ['ms billed after', 'the response', ({ billedMs }) => billedMs?.toFixed(1)],
]

export function print(facts: Facts): void {
  const { lambda, worker, joined, collectorDelayMs } = facts
  const lines = [
    'What arrived from the Lambda function built with otel(), printed as `npx unplugin-otel dev` does',
    ...lambda.traces.flatMap(({ label, spans }) => ['', `${label}: ${toTree(spans)}`]),
    '',
    'AWS Lambda',
    ...toTable(`${lambda.calls} invocations, a freeze after each,`, lambda, collectorDelayMs),
    '',
    'Cloudflare Workers',
    ...toTable(`${worker.calls} requests, an eviction after ${worker.evictions},`, worker, collectorDelayMs),
    '',
    'One trace across both: the Worker calls the function while it streams its response, then its queue',
    toTree(joined.spans),
    '',
    toSentence(facts),
  ]
  console.log(lines.join('\n'))
}

function toTree(spans: ReceivedSpan[]): string {
  if (spans.length === 0) return '(did not arrive)'
  const { columns = 120, isTTY = false } = process.stdout
  const options = { width: columns, color: isTTY && process.stdout.hasColors() }
  return renderTrace({ traceId: spans[0]!.traceId, spans, printed: new Set() }, options).join('\n')
}

function toTable(heading: string, { variants, bareMs }: PlatformFacts, collectorDelayMs: number): string[] {
  const columns = COLUMNS.filter(([, , toText]) => toText(variants[0]!) !== undefined)
  const row = (label: string, toCell: (column: (typeof COLUMNS)[number]) => string): string => {
    const cells = columns.map((column) => toCell(column).padStart(Math.max(column[0].length, column[1].length) + 2))
    return label.padEnd(LABEL_WIDTH) + cells.join('')
  }
  return [
    row(heading, ([first]) => first),
    row(`collector ${collectorDelayMs} ms, no telemetry ${bareMs.toFixed(1)} ms`, ([, second]) => second),
    ...variants.map((variant) => row(`(${variant.id}) ${variant.label}`, ([, , toText]) => toText(variant)!)),
  ]
}

function toSentence({ lambda, worker, joined }: Facts): string {
  const [loser] = [...findLosers(lambda), ...findLosers(worker)]
  if (loser) return `${loser.label} lost ${loser.lost} of ${loser.started} spans: this is a bug, please report it.`
  if (!joined.isOne) return 'The two traces are not joined: this is a bug, please report it.'
  const [byHand, ours] = ['c', 'e'].map((id) => lambda.variants.find((variant) => variant.id === id)!)
  const door = worker.variants.find(({ isOurs }) => isOurs)!
  return (
    `With one line in each build no span is lost. Lambda's caller waits ${ours!.addedMs.toFixed(1)} ms for telemetry ` +
    `instead of\n${byHand!.addedMs.toFixed(1)} ms for a flush by hand, the Worker's ${door.addedMs.toFixed(1)} ms: ` +
    `the export runs after the response.`
  )
}
