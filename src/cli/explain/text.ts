/** The report as people read it: that of a build in its verbose form, then what decides at run time. */
import { linkTo } from '../../plugin/report/codes.ts'
import { toText, type Diagnostic } from '../../plugin/report/diagnostic.ts'
import type {
  BatchingReport,
  BytesReport,
  EndpointReport,
  ExplainReport,
  FlushReport,
} from '../../plugin/explain-report.ts'
import { toSummary } from '../../plugin/report/report-text.ts'

/** @param problems what is a problem of the build, and said first */
export function toExplanation(report: ExplainReport, problems: readonly Diagnostic[]): string {
  // The signals have a section of their own.
  const summary = toSummary(report, problems, [])
  const sections: readonly (readonly [title: string, lines: readonly string[]])[] = [
    ['entries', report.platform ? entryLines(report) : []],
    ['plugin', pluginLines(report)],
    ['signals', signalLines(report)],
    ['flush', report.flush.flatMap((each) => flushLines(each, report.flush.length > 1))],
    ['batching', report.batching ? batchingLines(report.batching) : []],
    ['endpoint', endpointLines(report.endpoint)],
    ['size', sizeLines(report)],
  ]
  const text = sections.flatMap(([title, lines]) =>
    lines.map((line, at) => `  ${(at === 0 ? title : '').padEnd(9)}${line}`),
  )
  const { found, options } = report.plugin
  // What is wrapped is what would be.
  const condition = found ? (options.enabled === false ? ['Without enabled: false:'] : []) : ['With the plugin:']
  return [...problems.map(toText), ...condition, summary, ...text].join('\n')
}

function entryLines({ entries }: ExplainReport): readonly string[] {
  return entries.length > 0
    ? entries
    : ['none, as far as files tell; to name one: unplugin-otel explain src/handler.ts']
}

function pluginLines({ plugin }: ExplainReport): string[] {
  const { found, file, bundler, configuration, options, computed } = plugin
  const where = found
    ? `${file} (${bundler})`
    : configuration
      ? `not in ${configuration} (${bundler})`
      : 'in no configuration of a bundler'
  return [
    `${where}${Object.keys(options).length > 0 ? `, with ${JSON.stringify(options)}` : ''}`,
    ...(computed.length > 0 ? [`not read, because it is computed: ${computed.join(', ')}; tell it by --options`] : []),
  ]
}

function signalLines({ signals, because, platform }: ExplainReport): string[] {
  const asked = platform && !signals.some(({ won }) => won) ? [`${because}: taken`] : []
  return [
    'option > bundler > deploy file > dependency > CI variable > a server: the first one decides',
    ...asked,
    ...signals.map(
      (each) => `${NAMES[each.signal]}: ${each.because} names ${each.platform}${each.won ? ', taken' : ''}`,
    ),
  ]
}

const NAMES = {
  bundler: 'bundler',
  file: 'deploy file',
  dependency: 'dependency',
  ci: 'CI variable, or as weak',
  server: 'a server',
}

function flushLines(
  { target, when, primitive, otherwise, budgetMs, marginMs }: FlushReport,
  isOneOfMany: boolean,
): string[] {
  const margin = marginMs === null ? '' : `, and up to ${marginMs} ms before the deadline`
  return [
    `${isOneOfMany ? `${target}: ` : ''}${WHEN[when]}: ${primitive}`,
    ...(otherwise ? [`else ${otherwise}`] : []),
    `within ${budgetMs} ms${margin}`,
  ]
}

const WHEN = {
  after: 'after the response, callers do not wait',
  before: 'before the response, callers wait',
  interval: 'callers do not wait',
}

function batchingLines({ option, means, maxQueueSize }: BatchingReport): string[] {
  return [
    `${typeof option === 'string' ? `'${option}'` : JSON.stringify(option)}: ${means}`,
    `while the collector is not reached, up to ${maxQueueSize} spans are kept`,
  ]
}

function endpointLines({ chain, problems }: EndpointReport): string[] {
  return [
    'the first one that the function has where it runs; in this shell:',
    ...chain.map(({ source, isSet }) => (isSet === undefined ? source : `${source} is ${isSet ? '' : 'not '}set`)),
    ...problems.flatMap(({ code, fact, remedy }) => [fact, `${code} ${remedy} ${linkTo(code)}`]),
  ]
}

function sizeLines({ bytes, platform }: ExplainReport): string[] {
  if (bytes.length === 0) return platform ? ['not measured in this copy of unplugin-otel'] : []
  return bytes.map(
    ({ target, encoding, floor, ours }) =>
      `a function that does nothing: ${kilobytes(floor + ours)} kB gzip (${target}, ${encoding}), of which ${kilobytes(floor)} kB are OpenTelemetry's API, SDK and serializer`,
  )
}

function kilobytes(bytes: BytesReport['ours']): string {
  return (bytes / 1000).toFixed(1)
}
