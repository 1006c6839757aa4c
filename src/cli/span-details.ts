/** What is said about a span beside its name and time: the attributes that matter, and its errors. */
import { printable } from './text.ts'
import type { AttributeValue, Attributes, ReceivedSpan } from './otlp-span.ts'

/** `STATUS_CODE_ERROR` of OTLP. */
const ERROR = 2

/**
 * By group: in each, the first name of every line that the span has. Older names of the semantic conventions are after
 * the current ones; other SDKs still send them. https://opentelemetry.io/docs/specs/semconv/
 */
const GROUPS: Record<string, string[][]> = {
  http: [
    ['http.request.method', 'http.method'],
    ['url.path', 'url.full', 'http.target', 'http.url', 'http.route'],
    ['http.response.status_code', 'http.status_code'],
  ],
  faas: [['faas.trigger']],
  messaging: [
    ['messaging.system.name', 'messaging.system'],
    ['messaging.operation.name', 'messaging.operation.type', 'messaging.operation'],
    ['messaging.destination.name', 'messaging.destination'],
    ['messaging.batch.message_count'],
  ],
  rpc: [
    ['rpc.system.name', 'rpc.system'],
    ['rpc.service'],
    ['rpc.method'],
    ['rpc.response.status_code', 'rpc.grpc.status_code'],
  ],
  gen_ai: [
    ['gen_ai.provider.name', 'gen_ai.system'],
    ['gen_ai.operation.name'],
    ['gen_ai.response.model', 'gen_ai.request.model'],
    ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens'],
    ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens'],
  ],
  db: [
    ['db.system.name', 'db.system'],
    ['db.operation.name', 'db.operation'],
    ['db.collection.name', 'db.sql.table'],
    ['db.query.summary', 'db.query.text', 'db.statement'],
  ],
}

/** For example `http POST /orders 201`. */
export function describeAttributes(attributes: Attributes): string[] {
  return Object.entries(GROUPS).flatMap(([group, lines]) => {
    const values = lines.flatMap((names) => {
      const name = names.find((one) => Object.hasOwn(attributes, one) && attributes[one] !== '')
      return name === undefined ? [] : [toText(attributes[name]!, name)]
    })
    return values.length > 0 ? [`${group} ${values.join(' ')}`] : []
  })
}

/** A number of tokens says nothing by itself. */
function toText(value: AttributeValue, name: string): string {
  const direction = /\.(input|prompt)_tokens$/.test(name) ? ' in' : name.endsWith('_tokens') ? ' out' : ''
  return printable(typeof value === 'object' ? JSON.stringify(value) : String(value)) + direction
}

export function isError({ status }: ReceivedSpan): boolean {
  return status.code === ERROR
}

/** Each message once: an exception that ended the span is usually its status too. */
export function describeErrors({ status, events, attributes }: ReceivedSpan): string[] {
  const exceptions = events.filter((event) => event.name === 'exception').map((event) => event.attributes)
  const lines = exceptions.map((exception) => {
    return [text(exception['exception.type']), text(exception['exception.message'])].filter(Boolean).join(': ')
  })
  if (status.code === ERROR) {
    const message = text(status.message)
    if (message && !lines.some((line) => line.includes(message))) lines.push(message)
    // A number is the HTTP status, which is shown.
    if (lines.length === 0) lines.push(text(attributes['error.type']).replace(/^\d+$/, ''))
  }
  return [...new Set(lines.filter(Boolean))]
}

function text(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? printable(value) : ''
}

export function isColdStart({ attributes }: ReceivedSpan): boolean {
  return attributes['faas.coldstart'] === true
}

export function serviceOf({ resource }: ReceivedSpan): string {
  return text(resource['service.name']) || 'unknown_service'
}
