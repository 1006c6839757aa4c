/** The facts on one screen. */
import type { Facts, SpanFacts, VariantFacts } from './facts.ts'

const NAME_WIDTH = 20
const LABEL_WIDTH = 39

/** Two lines of heading, and the cell. */
const COLUMNS: [string, string, (variant: VariantFacts) => string][] = [
  ['spans', 'started', ({ started }) => String(started)],
  ['spans', 'lost', ({ lost }) => String(lost)],
  ['requests per', 'invocation', ({ requestsPerInvocation }) => requestsPerInvocation.toFixed(1)],
  ['ms added for', 'the caller', ({ addedMs }) => addedMs.toFixed(1)],
  ['ms billed after', 'the response', ({ billedMs }) => billedMs.toFixed(1)],
]

export function print(facts: Facts): void {
  const { warm, failing, streamed } = facts.traces
  const lines = [
    'What arrived from the handlers built with otel(): a warm, a failing and a streamed request',
    ...[warm, failing, streamed].flatMap((root) => (root ? toTree(root) : '(did not arrive)')),
    '',
    ...toTable(facts),
    '',
    toSentence(facts),
  ]
  console.log(lines.join('\n'))
}

function toTree(span: SpanFacts, branch = '', indent = ''): string[] {
  const { name, ms, error, children } = span
  const line = `${(branch + name).padEnd(NAME_WIDTH)}${ms.toFixed(1).padStart(6)} ms`
  return [
    error === undefined ? line : `${line}  error: ${error}`,
    ...children.flatMap((child, at) =>
      at === children.length - 1
        ? toTree(child, `${indent}└─ `, `${indent}   `)
        : toTree(child, `${indent}├─ `, `${indent}│  `),
    ),
  ]
}

function toTable({ variants, collectorDelayMs, bareMs }: Facts): string[] {
  return [
    row(`${variants[0]!.invocations} invocations, a freeze after each,`, ([first]) => first),
    row(`collector ${collectorDelayMs} ms, no telemetry ${bareMs.toFixed(1)} ms`, ([, second]) => second),
    ...variants.map((variant) => row(`(${variant.id}) ${variant.label}`, ([, , toText]) => toText(variant))),
  ]
}

function row(label: string, toCell: (column: (typeof COLUMNS)[number]) => string): string {
  const cells = COLUMNS.map((column) => toCell(column).padStart(Math.max(column[0].length, column[1].length) + 2))
  return label.padEnd(LABEL_WIDTH) + cells.join('')
}

function toSentence({ variants }: Facts): string {
  const [byHand, ours] = ['c', 'e'].map((id) => variants.find((variant) => variant.id === id)!)
  if (ours!.lost > 0) return `otel() lost ${ours!.lost} of ${ours!.started} spans: this is a bug, please report it.`
  return (
    `With one line in the build no span is lost, and the caller waits ${ours!.addedMs.toFixed(1)} ms for telemetry\n` +
    `instead of ${byHand!.addedMs.toFixed(1)} ms for a flush by hand: the export is paid for after the response.`
  )
}
