/**
 * What triggers an Azure function, as its binding and its metadata describe it. Only the fields read here are declared.
 * https://learn.microsoft.com/azure/azure-functions/functions-triggers-bindings
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Carrier, Start } from '../contract.ts'
import { describeRequest } from './http.ts'

export interface Triggered {
  /** `httpTrigger`, `timerTrigger`, … */
  readonly type: string
  /** The binding's own fields, where they are known. */
  readonly binding: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  readonly input: unknown
  readonly functionName: string
  readonly invocationId: string
  /** The host's own span, which goes on with the caller's trace. */
  readonly host: Carrier
}

const MESSAGING: Readonly<Record<string, string>> = {
  queue: 'azure.storage_queues',
  servicebus: 'azure.servicebus',
  eventhub: 'azure.eventhubs',
  eventgrid: 'azure.eventgrid',
}
const DOCUMENTS = new Set(['cosmosdb', 'blob', 'sql', 'mysql'])
/** Of Durable Functions: run anew from the beginning with every step, so their spans would be sent each time. */
const REPLAYED = new Set(['orchestration', 'entity'])

/** Undefined: leave it alone. */
export function describeTrigger(triggered: Triggered): Start | undefined {
  const { functionName, invocationId, host } = triggered
  const type = triggered.type.toLowerCase().replace(/trigger$/, '')
  if (REPLAYED.has(type)) return undefined
  const attributes: Attributes = { 'faas.name': functionName, 'faas.invocation.id': invocationId }
  if (type === 'http') return describeHttp(triggered, attributes)
  const base = { name: functionName, kind: SpanKind.SERVER, carriers: [host] }
  if (Object.hasOwn(MESSAGING, type)) return describeMessages(triggered, MESSAGING[type]!, base, attributes)
  const trigger = type === 'timer' ? 'timer' : DOCUMENTS.has(type) ? 'datasource' : 'other'
  return { ...base, attributes: { ...attributes, 'faas.trigger': trigger, ...detailsOf(type, triggered) } }
}

function detailsOf(type: string, { binding }: Triggered): Attributes {
  if (type === 'timer') return { 'faas.cron': toText(binding['schedule']) }
  if (!DOCUMENTS.has(type)) return {}
  const { containerName, collectionName, tableName, path } = binding
  const collection = toText(containerName ?? collectionName ?? tableName ?? path)
  return { 'faas.document.collection': collection?.replace(/\/.*$/, ''), 'faas.document.operation': 'edit' }
}

function describeHttp({ input, binding, functionName, host }: Triggered, attributes: Attributes): Start | undefined {
  const request = input as Partial<Pick<Request, 'method' | 'url'>> & { headers?: Headers | Record<string, string> }
  if (typeof request?.url !== 'string') return undefined
  const headers = new Headers(request.headers)
  const start = describeRequest({ method: request.method, url: request.url, headers } as Request, attributes)
  const route = routeOf(toText(binding['route']) ?? functionName, new URL(request.url).pathname)
  return {
    ...start,
    name: `${start.name} ${route}`,
    attributes: { ...start.attributes, 'http.route': route },
    carriers: [host, ...start.carriers!],
  }
}

/** Before a function's own route stands a prefix from host.json, which only the path tells. */
function routeOf(route: string, path: string): string {
  const own = route.split('/').filter(Boolean)
  const given = path.split('/').filter(Boolean)
  // `{*rest}` and `{id?}` stand for any number of segments.
  const prefix = /[*?]/.test(route) ? given.slice(0, 1) : given.slice(0, Math.max(0, given.length - own.length))
  return `/${[...prefix, ...own].join('/')}`
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/azure-messaging/ */
function describeMessages(
  { binding, metadata = {}, input }: Triggered,
  system: string,
  base: Omit<Start, 'attributes'>,
  attributes: Attributes,
): Start {
  const destination = toText(binding['queueName'] ?? binding['topicName'] ?? binding['eventHubName'])
  const many = Array.isArray(input) ? input.length : undefined
  return {
    ...base,
    ...(destination && { name: `process ${destination}` }),
    attributes: {
      ...attributes,
      'faas.trigger': 'pubsub',
      'messaging.system.name': system,
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': destination,
      'messaging.consumer.group.name': toText(binding['consumerGroup']),
      'messaging.batch.message_count': many,
      'messaging.message.id': many === undefined ? toText(metadata['messageId'] ?? metadata['id']) : undefined,
    },
    links: sendersOf(metadata, input),
  }
}

/** What Azure's clients put into a message's properties, or a CloudEvent has as extensions. */
function sendersOf(metadata: Readonly<Record<string, unknown>>, input: unknown): Carrier[] {
  const found = ['applicationProperties', 'userProperties', 'properties'].flatMap((name) => [
    metadata[name],
    metadata[`${name}Array`],
  ])
  return [...found, input].flat().flatMap((fields) => {
    if (typeof fields !== 'object' || fields === null) return []
    const lower = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), value]))
    const traceparent = lower['traceparent'] ?? lower['diagnostic-id']
    return traceparent === undefined ? [] : [{ traceparent, tracestate: lower['tracestate'] }]
  })
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
