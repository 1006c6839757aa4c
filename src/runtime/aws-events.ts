/**
 * What an AWS event says about itself: trigger, span name, attributes, and where its senders' trace
 * context stands. First match wins, so the order matters. Only the fields read here are declared.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
 */
import type { Attributes } from '@opentelemetry/api'
import type { Carrier } from '../contract.ts'
import { toKeys } from './http.ts'

export interface EventDescription {
  /** Undefined: the function's name. */
  readonly name?: string
  readonly trigger: 'http' | 'pubsub' | 'datasource' | 'timer' | 'other'
  /** Undefined values are left out by the SDK. */
  readonly attributes?: Attributes
  readonly carrier?: Carrier
  readonly batch?: Carrier[]
}

// AWS events are JSON of a hundred shapes; every access below is guarded by the shape's own marker.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any

export function describeEvent(event: Json): EventDescription {
  const { requestContext, Records: records = [], eventSource, source } = event ?? {}
  if (requestContext?.http ?? requestContext?.elb ?? event?.httpMethod) return http(event, requestContext ?? {})
  if (requestContext?.connectionId) return webSocket(event, requestContext)
  if (records[0]) return batch(records)
  if (/kafka/i.test(eventSource)) return kafka(Object.values(event.records ?? {}).flat())
  const type = event?.['detail-type']
  if (type === 'Scheduled Event') return { trigger: 'timer' }
  if (type && source) return { name: `process ${type}`, trigger: 'pubsub', carrier: event.detail ?? {} }
  return { trigger: 'other', carrier: typeof event === 'object' && event ? event : {} }
}

/** API Gateway REST (v1) and HTTP (v2), function URLs, load balancers, and REQUEST authorizers. */
function http(event: Json, context: Json): EventDescription {
  const headers = headersOf(event)
  const method: string = context.http?.method ?? event.httpMethod
  // v2 has 'GET /items/{id}' or '$default', v1 '/items/{id}'; a function URL has no route.
  const route: string | undefined = event.resource ?? /^\S+ (\/.*)/.exec(event.routeKey)?.[1]
  const query = event.queryStringParameters ?? event.multiValueQueryStringParameters ?? {}
  return {
    name: route ? `${method} ${route}` : method,
    trigger: 'http',
    carrier: headers,
    attributes: {
      'http.request.method': method,
      'http.route': route,
      'url.path': event.rawPath ?? event.path,
      'url.scheme': headers['x-forwarded-proto'] ?? 'https',
      'url.query': toKeys(Object.keys(query)),
      'server.address': context.domainName ?? headers['host'],
      'user_agent.original': headers['user-agent'],
    },
  }
}

function webSocket(event: Json, { routeKey, domainName }: Json): EventDescription {
  const attributes = { 'server.address': domainName }
  return { name: `WebSocket ${routeKey}`, trigger: 'http', carrier: headersOf(event), attributes }
}

/** By lower-case name: API Gateway v1 keeps the client's spelling. A load balancer may send the lists only. */
function headersOf({ headers, multiValueHeaders }: Json): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name in multiValueHeaders) found[name.toLowerCase()] = multiValueHeaders[name]?.at(-1)
  for (const name in headers) found[name.toLowerCase()] = headers[name]
  return found
}

function batch(records: Json[]): EventDescription {
  const [{ eventSource, eventName = '', eventSourceARN = '', Sns: sns, kinesis, dynamodb, s3 }] = records as [Json]
  if (sns)
    return messaging('aws.sns', records, ({ Sns }) => [
      Sns.TopicArn,
      Sns.MessageId,
      fields(Sns.MessageAttributes, 'Value'),
    ])
  if (eventSource === 'aws:sqs') {
    return messaging('aws.sqs', records, (record) => [
      record.eventSourceARN,
      record.messageId,
      fields(record.messageAttributes, 'stringValue'),
    ])
  }
  if (kinesis) return messaging('aws.kinesis', records, (record) => [record.eventSourceARN, record.eventID, {}])
  if (!dynamodb && !s3) return { trigger: 'other' }
  const attributes: Attributes = {
    'faas.document.collection': s3?.bucket?.name ?? /:table\/([^/]+)/.exec(eventSourceARN)?.[1],
  }
  if (records.length === 1)
    attributes['faas.document.operation'] = /^INSERT|Created/.test(eventName)
      ? 'insert'
      : eventName.startsWith('MODIFY')
        ? 'edit'
        : 'delete'
  return { trigger: 'datasource', attributes }
}

function kafka(records: Json[]): EventDescription {
  return messaging('kafka', records, ({ topic, partition, offset, headers = [] }) => {
    const carrier: Carrier = {}
    // Header values are arrays of bytes.
    for (const header of headers)
      for (const key in header) carrier[key.toLowerCase()] = String.fromCharCode(...header[key])
    return [topic, `${partition}-${offset}`, carrier]
  })
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
function messaging(
  system: string,
  records: Json[],
  read: (record: Json) => [source: string, id: string, carrier: Carrier],
): EventDescription {
  const messages = records.map(read)
  // The last segment of an ARN, or the name itself.
  const destinations = new Set(messages.map(([source = '']) => source.replace(/^.*[:/]/, '')))
  const destination = destinations.size === 1 ? [...destinations][0] : undefined
  return {
    name: `process ${destination ?? 'multiple_sources'}`,
    trigger: 'pubsub',
    batch: messages.map(([, , carrier]) => carrier),
    attributes: {
      'messaging.system.name': system,
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': destination,
      [messages[1] ? 'messaging.batch.message_count' : 'messaging.message.id']: messages[1]
        ? messages.length
        : messages[0]![1],
    },
  }
}

function fields(attributes: Json, value: string): Carrier {
  return Object.fromEntries(
    Object.entries<Json>(attributes ?? {}).map(([key, attribute]) => [key.toLowerCase(), attribute?.[value]]),
  )
}
