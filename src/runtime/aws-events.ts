/**
 * What an AWS event says about itself: trigger, span name, attributes, and where its senders' trace
 * context stands. First match wins, so the order matters. Only the fields read here are declared.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html
 */
import type { Attributes } from '@opentelemetry/api'
import type { Carrier } from '../contract.ts'

export interface EventDescription {
  /** Undefined: the function's name. */
  readonly name?: string
  readonly trigger: 'http' | 'pubsub' | 'datasource' | 'timer' | 'other'
  readonly attributes: Attributes
  readonly carrier?: Carrier
  readonly batch?: Carrier[]
}

// AWS events are JSON of a hundred shapes; every access below is guarded by the shape's own marker.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any

export function describeEvent(event: Json): EventDescription {
  if (typeof event !== 'object' || event === null) return { trigger: 'other', attributes: {} }
  const context = event.requestContext
  if (context?.elb || context?.http || (context?.httpMethod ?? event.httpMethod)) return http(event)
  if (context?.connectionId) return webSocket(event)
  const [record] = Array.isArray(event.Records) ? event.Records : []
  if (record) return records(event.Records, record)
  if (/kafka/i.test(event.eventSource) && event.records) return kafka(event)
  if (event['detail-type'] !== undefined && event.source !== undefined) return eventBridge(event)
  return { trigger: 'other', attributes: {}, ...(isCarrier(event) ? { carrier: event } : {}) }
}

/** API Gateway REST (v1) and HTTP (v2), function URLs, load balancers, and REQUEST authorizers. */
function http(event: Json): EventDescription {
  const context = event.requestContext ?? {}
  const headers: Record<string, string> = {}
  for (const name in event.headers ?? {}) headers[name.toLowerCase()] = String(event.headers[name])
  for (const name in event.multiValueHeaders ?? {})
    headers[name.toLowerCase()] ??= event.multiValueHeaders[name]?.at(-1)
  const method = String(context.http?.method ?? event.httpMethod ?? context.httpMethod)
  // v2 has 'GET /items/{id}' or '$default', v1 '/items/{id}'; a function URL has no route.
  const route = event.resource ?? /^\S+ (\/.*)$/.exec(event.routeKey ?? '')?.[1]
  const query = queryKeys(event)
  const attributes: Attributes = {
    'http.request.method': method,
    'url.path': event.rawPath ?? event.path ?? '/',
    'url.scheme': headers['x-forwarded-proto'] ?? 'https',
  }
  if (route) attributes['http.route'] = route
  if (query) attributes['url.query'] = query
  const host = context.domainName ?? headers['host']
  if (host) attributes['server.address'] = host
  if (headers['user-agent']) attributes['user_agent.original'] = headers['user-agent']
  return { name: route ? `${method} ${route}` : method, trigger: 'http', attributes, carrier: headers }
}

/** The keys of the query: the values may be secrets or personal. */
function queryKeys(event: Json): string {
  if (typeof event.rawQueryString === 'string') {
    return event.rawQueryString.replace(/=[^&]*/g, '=')
  }
  return Object.keys(event.queryStringParameters ?? event.multiValueQueryStringParameters ?? {})
    .map((key) => `${key}=`)
    .join('&')
}

function webSocket(event: Json): EventDescription {
  const { routeKey, domainName } = event.requestContext
  const attributes: Attributes = { 'aws.api_gateway.route_key': String(routeKey) }
  if (domainName) attributes['server.address'] = domainName
  return { name: `WebSocket ${routeKey}`, trigger: 'http', attributes, carrier: event.headers ?? {} }
}

function records(all: Json[], first: Json): EventDescription {
  const source: string = first.eventSource ?? first.EventSource ?? ''
  if (source === 'aws:sqs') {
    return messaging(
      'aws.sqs',
      names(all, (record) => record.eventSourceARN),
      all,
      (record) => record.messageId,
      (record) => ({
        ...values(record.messageAttributes, 'stringValue'),
      }),
    )
  }
  if (first.Sns) {
    return messaging(
      'aws.sns',
      names(all, (record) => record.Sns.TopicArn),
      all,
      (record) => record.Sns.MessageId,
      (record) => values(record.Sns.MessageAttributes, 'Value'),
    )
  }
  if (first.kinesis) {
    return messaging(
      'aws.kinesis',
      names(all, (record) => record.eventSourceARN),
      all,
      (record) => record.eventID,
      () => ({}),
    )
  }
  if (first.dynamodb) {
    const table = /:table\/([^/]+)/.exec(first.eventSourceARN ?? '')?.[1]
    const operation = ({ INSERT: 'insert', MODIFY: 'edit', REMOVE: 'delete' } as Json)[first.eventName]
    return dataSource(table, operation, all.length)
  }
  if (first.s3) {
    const operation = String(first.eventName).startsWith('ObjectRemoved') ? 'delete' : 'insert'
    return dataSource(first.s3.bucket?.name, operation, all.length)
  }
  return { trigger: 'other', attributes: {} }
}

function kafka(event: Json): EventDescription {
  const all: Json[] = Object.values(event.records).flat()
  const header = (record: Json): Carrier => {
    const fields: Carrier = {}
    for (const entry of record.headers ?? []) {
      for (const key in entry) fields[key] = String.fromCharCode(...entry[key])
    }
    return fields
  }
  return messaging(
    'kafka',
    [...new Set(all.map((record) => String(record.topic)))],
    all,
    (record) => `${record.partition}-${record.offset}`,
    header,
  )
}

function eventBridge(event: Json): EventDescription {
  if (event.source === 'aws.events' && event['detail-type'] === 'Scheduled Event') {
    return { trigger: 'timer', attributes: { 'faas.invocation.start_time': String(event.time) } }
  }
  const detail = event.detail
  const attributes = {
    'cloudevents.event_id': String(event.id),
    'cloudevents.event_source': event.source,
    'cloudevents.event_type': event['detail-type'],
  }
  return {
    name: `process ${event['detail-type']}`,
    trigger: 'pubsub',
    attributes,
    ...(isCarrier(detail) ? { carrier: detail } : {}),
  }
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
function messaging(
  system: string,
  destinations: string[],
  all: Json[],
  messageId: (record: Json) => string | undefined,
  carrier: (record: Json) => Carrier,
): EventDescription {
  const [only] = destinations.length === 1 ? destinations : []
  const attributes: Attributes = {
    'messaging.system.name': system,
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
  }
  if (only) attributes['messaging.destination.name'] = only
  const id = messageId(all[0])
  if (all.length === 1 && id) attributes['messaging.message.id'] = id
  if (all.length > 1) attributes['messaging.batch.message_count'] = all.length
  return { name: `process ${only ?? 'multiple_sources'}`, trigger: 'pubsub', attributes, batch: all.map(carrier) }
}

function dataSource(collection: string | undefined, operation: string | undefined, count: number): EventDescription {
  const attributes: Attributes = {}
  if (collection) attributes['faas.document.collection'] = collection
  if (operation && count === 1) attributes['faas.document.operation'] = operation
  return { trigger: 'datasource', attributes }
}

function names(all: Json[], arn: (record: Json) => string): string[] {
  return [...new Set(all.map((record) => String(arn(record) ?? '').replace(/^.*[:/]/, '')))]
}

function values(attributes: Json, field: string): Carrier {
  const fields: Carrier = {}
  for (const key in attributes ?? {}) fields[key] = attributes[key]?.[field]
  return fields
}

function isCarrier(value: Json): boolean {
  return typeof value?.traceparent === 'string'
}
