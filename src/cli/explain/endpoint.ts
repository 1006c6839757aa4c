/**
 * Where the function will send spans, by the rules of `runtime/config.ts`; a test compares the two. Values are never
 * repeated: they may have credentials in them.
 */
import { runCodes } from '../../plugin/report/run-codes.ts'
import type { EndpointReport } from '../../plugin/explain-report.ts'
import type { Project } from '../../plugin/project.ts'

const TRACES = 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
const GENERAL = 'OTEL_EXPORTER_OTLP_ENDPOINT'
/** Whether a value turns tracing off. */
const OFF: Readonly<Record<string, (value: string) => boolean>> = {
  OTEL_SDK_DISABLED: (value) => value.toLowerCase() === 'true',
  OTEL_TRACES_EXPORTER: (value) => value === 'none',
}

export function explainEndpoint(env: Project['env'], protocol: string): EndpointReport {
  const isSet = (name: string) => Boolean(env[name])
  return {
    chain: [
      ...Object.keys(OFF).flatMap((source) => (OFF[source]!(env[source] ?? '') ? { source, isSet: true } : [])),
      ...[TRACES, GENERAL].map((source) => ({ source, isSet: isSet(source) })),
      { source: "http://127.0.0.1:4318, on a developer's machine" },
      { source: 'off' },
    ],
    problems: problemsOf(env, protocol),
  }
}

function problemsOf(env: Project['env'], protocol: string): EndpointReport['problems'] {
  const name = env[TRACES] ? TRACES : GENERAL
  const value = env[TRACES] || env[GENERAL]
  if (!value) return []
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) {
    return [{ code: 'UO202', fact: `${name} is not an http(s) URL`, remedy: runCodes.UO202.remedy }]
  }
  const asked = env['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || env['OTEL_EXPORTER_OTLP_PROTOCOL']
  if (asked === 'grpc' || new URL(value).port === '4317') {
    const fact = asked === 'grpc' ? 'the protocol that is set is grpc' : `the port in ${name} is 4317, that of gRPC`
    return [{ code: 'UO203', fact, remedy: runCodes.UO203.remedy }]
  }
  if (!asked || asked === protocol) return []
  const fact = `the protocol that is set is another one than that of the bundle, ${protocol}`
  return [{ code: 'UO204', fact, remedy: runCodes.UO204.remedy }]
}
