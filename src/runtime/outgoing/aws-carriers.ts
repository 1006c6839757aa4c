/**
 * The trace's context in the services' own fields, where `aws-events.ts` and `platforms/aws-lambda.ts` read it. What the
 * user gives is copied and never changed, and goes as it is where there is no room left.
 */
import type { Context } from '@opentelemetry/api'
import { globalPropagator } from '../provider.ts'
import type { Call, Carry, Fields } from './aws-call.ts'
import { baggage } from './client-span.ts'

type Texts = Readonly<Record<string, string>>
interface Buffers {
  from(text: string, encoding?: 'base64'): { toString(encoding?: 'base64'): string }
  byteLength(text: string): number
}
declare const Buffer: Buffers
declare const process: { readonly env: Record<string, string | undefined> }

/** Of the base64. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const MAX_CLIENT_CONTEXT = 3583
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const MAX_MESSAGE_ATTRIBUTES = 10
/**
 * Of a message, a batch or an event, all of it: 256 KiB less what is added. Some take more by now; with those, what is
 * larger has no context.
 */
const MAX_BYTES = 256 * 1024 - 8 * 1024

/** Services whose fields have a place for it, and how their endpoints begin. */
const SERVICES: Readonly<
  Record<string, { methods: RegExp; host: string; add(input: Fields, carrier: Texts): Fields }>
> = {
  Lambda: { methods: /^Invoke(?:WithResponseStream)?$/, host: 'lambda', add: addClientContext },
  SQS: { methods: /^SendMessage(?:Batch)?$/, host: 'sqs', add: (input, of) => addToMessages(input, 'Entries', of) },
  SNS: {
    methods: /^Publish(?:Batch)?$/,
    host: 'sns',
    add: (input, of) => addToMessages(input, 'PublishBatchRequestEntries', of),
  },
  EventBridge: { methods: /^PutEvents$/, host: 'events', add: addToEvents },
}

/** @param except hosts that get none */
export function createCarry(except: RegExp): Carry {
  return (call, input, own) => {
    const { service, method } = call
    const target = SERVICES[service]
    if (!target?.methods.test(method)) return undefined
    return hostOf(call, target.host).then((hostname) => {
      if (except.test(hostname)) return undefined
      return target.add(input, carrierOf(own, hostname, service === 'Lambda'))
    })
  }
}

/** https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html: the variables are read with the first call. */
async function hostOf({ service, config: { endpoint, region } }: Call, name: string): Promise<string> {
  const { env } = process
  const custom = (await endpoint?.())?.hostname
  if (typeof custom === 'string') return custom
  const url = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? env['AWS_ENDPOINT_URL']
  return url ? new URL(url).hostname : `${name}.${await region?.()}.amazonaws.com`
}

/** `baggage` has a place in `ClientContext` only: there it takes none of ten. */
function carrierOf(own: Context, hostname: string, isBaggage: boolean): Texts {
  const carrier: Record<string, string> = {}
  const set = (name: string, value: string) => void (carrier[name] = value)
  globalPropagator()?.inject(own, carrier, { set: (_, name, value) => name !== 'baggage' && set(name, value) })
  const get = (name: string) => carrier[name]
  if (isBaggage) baggage.inject?.(own, { method: 'POST', url: new URL(`https://${hostname}`), get, set })
  return carrier
}

/** JSON in base64, of which `custom` is the caller's. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
function addClientContext(input: Fields, carrier: Texts): Fields {
  const { ClientContext: given } = input
  const client: unknown = given ? JSON.parse(Buffer.from(given as string, 'base64').toString()) : {}
  if (!isRecord(client) || (client['custom'] && !isRecord(client['custom']))) return input
  const own = (client['custom'] ?? {}) as Fields
  if (hasContext(own)) return input
  const { baggage: carried, ...context } = carrier
  for (const added of carried ? [carrier, context] : [context]) {
    const text = Buffer.from(JSON.stringify({ ...client, custom: { ...added, ...own } })).toString('base64')
    if (text.length <= MAX_CLIENT_CONTEXT) return { ...input, ClientContext: text }
  }
  return input
}

/** One message, or a batch of them. */
function addToMessages(input: Fields, list: string, carrier: Texts): Fields {
  if (bytesOf(input) > MAX_BYTES) return input
  const entries = input[list]
  return Array.isArray(entries)
    ? { ...input, [list]: entries.map((entry: Fields) => addToMessage(entry, carrier)) }
    : addToMessage(input, carrier)
}

function addToMessage(message: Fields, carrier: Texts): Fields {
  const given = (message['MessageAttributes'] ?? {}) as Fields
  const names = Object.keys(carrier)
  // A text message to a phone has no receiver that could read them.
  if (hasContext(given) || message['PhoneNumber']) return message
  if (Object.keys(given).length + names.length > MAX_MESSAGE_ATTRIBUTES) return message
  const added = names.map((name) => [name, { DataType: 'String', StringValue: carrier[name] }])
  return { ...message, MessageAttributes: { ...given, ...Object.fromEntries(added) } }
}

function addToEvents(input: Fields, carrier: Texts): Fields {
  const { Entries: entries } = input
  if (!Array.isArray(entries) || bytesOf(input) > MAX_BYTES) return input
  return { ...input, Entries: entries.map((entry: Fields) => addToEvent(entry, carrier)) }
}

/** Only where the detail is an object, whose text stays as it is: of large numbers JSON would lose digits. */
function addToEvent(entry: Fields, carrier: Texts): Fields {
  const { Detail: text } = entry
  const detail: unknown = typeof text === 'string' ? JSON.parse(text) : undefined
  if (!isRecord(detail) || hasContext(detail)) return entry
  const added = JSON.stringify(carrier).slice(1, -1)
  const separator = Object.keys(detail).length > 0 ? ',' : ''
  return { ...entry, Detail: (text as string).replace('{', () => `{${added}${separator}`) }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of the user's own, in any case of letters: readers do not tell them apart. */
function hasContext(fields: Fields): boolean {
  return Object.keys(fields).some((name) => /^trace(?:parent|state)$/i.test(name))
}

/** About: binary values count more than they have. */
function bytesOf(input: Fields): number {
  return Buffer.byteLength(JSON.stringify(input))
}
