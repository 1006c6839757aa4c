/** The figures as tables. */
import { BUDGETS } from './budgets.ts'
import type { BuildCost } from './build.ts'
import type { Bytes } from './bytes.ts'
import { COUNT, type Cpu } from './cpu.ts'
import type { Load } from './load.ts'
import type { Profile, Row } from './profile.ts'
import type { Transform } from './transform.ts'
import type { Interval, Spread } from './statistics.ts'

const TOP = 10

const spread = ({ median, lower, upper }: Spread, digits: number): string =>
  `${median.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`

const interval = ({ median, bounds }: Interval): string =>
  `${median.toFixed(2)} [${bounds ? bounds.map((bound) => bound.toFixed(2)).join('–') : 'too few rounds'}]`

const against = (value: number, budget: number | undefined, toText: (budget: number) => string): string =>
  budget === undefined ? '' : `≤ ${toText(budget)}${value > budget ? ' OVER' : ''}`

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

export function printBytes(lambda: Bytes, worker: Bytes): void {
  const added = (of: Bytes) => of.total - of.floor
  const row = (label: string, toValue: (of: Bytes) => number | undefined) => [
    label,
    ...[lambda, worker].map((of) => toValue(of)?.toString() ?? ''),
  ]
  const files = Object.keys({ ...lambda.parts, ...worker.parts })
  const rows = [
    ['Bytes, minified + gzip', 'Lambda', 'Worker'],
    row('without telemetry', (of) => of.bare),
    row('floor: API, SDK, serializer', (of) => of.floor),
    row('ours over the floor', added),
    [
      'budget',
      against(added(lambda), BUDGETS.bytes.lambda, String),
      against(added(worker), BUDGETS.bytes.worker, String),
    ],
    ...files.map((file) => row(`  ${file.replace('src/runtime/', '')}`, (of) => of.parts[file])),
  ]
  console.log(`\n${table(rows)}`)
  console.log('By file: how much smaller the compressed bundle is without its text, so the parts do not sum up.')
}

export function printLoad({ rounds, added, bare }: Load): void {
  const row = (label: string, of: Load['bare'], digits = 2) => [
    label,
    spread(of.load, digits),
    spread(of.firstLine, digits),
  ]
  const rows = [
    ['Cold, ms: median (quartiles)', 'import', 'first call to first line'],
    row('without telemetry', bare),
    row('ours, added', added.ours),
    row('by hand, added', added['by hand']),
    [
      'budget',
      against(added.ours.load.median, BUDGETS.loadMs, String),
      against(added.ours.firstLine.median, BUDGETS.firstLineMs, String),
    ],
  ]
  console.log(`\n${table(rows)}`)
  console.log(`${rounds} rounds of fresh processes in turns; differences are those within a round.`)
}

export function printCpu(results: readonly Cpu[]): void {
  const rows = results.map(({ way, children, rounds, cpu, ratio, entered, bytes }) => {
    const label = `${way === 'payload' ? 'to the payload' : 'exported'}, ${children} children`
    const budget = children === BUDGETS.cpu.children ? BUDGETS.cpu[way] : undefined
    return [
      label,
      String(rounds),
      cpu.bare.median.toFixed(1),
      spread(cpu.ours, 1),
      spread(cpu['by hand'], 1),
      spread(ratio, 3),
      against(ratio.median, budget, String),
      (entered.ours.median - entered.bare.median).toFixed(1),
      bytes ? `${bytes.ours} / ${bytes['by hand']}` : '',
    ]
  })
  const head = [
    'CPU per warm invocation, µs',
    'rounds',
    'bare',
    'ours',
    'by hand',
    'ours / by hand',
    'budget',
    'to 1st line',
    'body, B',
  ]
  console.log(`\n${table([head, ...rows])}`)
  const over = results.some(({ entered }) => entered.ours.median - entered.bare.median > BUDGETS.enteredUs)
  console.log(
    `Median (quartiles) of fresh processes in turns, ${COUNT} invocations each after a warm-up; ` +
      `ratios are those within a round. To the first line: ≤ ${BUDGETS.enteredUs}${over ? ' OVER' : ''}.`,
  )
}

export function printTransform({ size, whole, parse }: Transform): void {
  const rows = [
    [`Transform of ${size} characters, ms: median (quartiles)`, ''],
    ['parse', spread(parse, 2)],
    ['parse, wrap and source map', spread(whole, 2)],
    ['budget', against(whole.median, BUDGETS.transformMs, String)],
  ]
  console.log(`\n${table(rows)}`)
}

export function printProfile({ way, functions, files }: Profile): void {
  const toRow = ({ name, where, self, share }: Row) => [`${name} ${where}`.trim(), self.toFixed(1), percent(share)]
  const heading = `Self time of ours, 5 children, ${way === 'payload' ? 'to the payload' : 'exported'}`
  console.log(`\n${table([[heading, 'µs', 'share'], ...functions.slice(0, TOP).map(toRow)])}`)
  console.log(`\n${table([['by file or package', 'µs', 'share'], ...files.slice(0, TOP).map(toRow)])}`)
}

export function printBuild(costs: readonly BuildCost[]): void {
  const rows = costs.map((cost) => [
    cost.bundler,
    String(cost.modules),
    cost.without.median.toFixed(0),
    cost.with.median.toFixed(0),
    interval(cost.ratio),
    interval(cost.overRuntime),
    cost.overRuntimeCpu ? interval(cost.overRuntimeCpu) : '',
    `${cost.asked} / ${cost.handed} / ${cost.parsed}`,
  ])
  const ratios = ['with / without', '/ its runtime', 'the same, CPU']
  const head = ['Build, ms', 'modules', 'without', 'with', ...ratios, 'asked / handed / parsed']
  console.log(`\n${table([head, ...rows])}`)
  console.log('Medians; ratios are those within a round [95 % interval of the median].')
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
