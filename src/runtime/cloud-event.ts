/**
 * What a CloudEvent, or a background event from before them, says about itself. Only the fields read here are declared.
 * https://github.com/googleapis/google-cloudevents
 */
import { SpanKind, type Attributes } from '@opentelemetry/api'
import type { Carrier, Start } from '../contract.ts'

// Events are JSON of many shapes; every access below is guarded by the shape's own marker.
// oxlint-disable-next-line typescript/no-explicit-any
type Json = any

/** @param name the function's, where the event has no better one */
export function describeCloudEvent(event: Json, name: string): Start {
  const { id, source, specversion, type, subject, data } = event ?? {}
  const attributes: Attributes = {
    'cloudevents.event_id': id,
    'cloudevents.event_source': source,
    'cloudevents.event_spec_version': specversion,
    'cloudevents.event_type': type,
    'cloudevents.event_subject': subject,
  }
  // The framework sets `traceparent` from the request's headers: it is the deliverer's.
  const carriers: Carrier[] = typeof event === 'object' && event ? [event] : []
  return { name, kind: SpanKind.SERVER, carriers, ...describe(String(type), String(source), subject, data, attributes) }
}

/** `(data, context)` of the first generation. https://cloud.google.com/functions/1stgendocs/writing/write-event-driven-functions */
export function describeBackgroundEvent(data: Json, context: Json, name: string): Start {
  const { eventId, eventType = '', resource } = context ?? {}
  const path = String(resource?.name ?? resource ?? '')
  const attributes: Attributes = { 'cloudevents.event_id': eventId, 'cloudevents.event_type': eventType || undefined }
  const message = /pubsub/.test(eventType) ? { message: data } : data
  const documents = path.replace(/^.*\/(documents\/)/, '$1')
  return { name, kind: SpanKind.SERVER, ...describe(eventType, path, documents, message, attributes) }
}

function describe(
  type: string,
  source: string,
  subject: unknown,
  data: Json,
  attributes: Attributes,
): Partial<Start> & { attributes: Attributes } {
  const message = data?.message
  if (/pubsub/.test(type) && message) return pubsub(source, message, attributes)
  if (/scheduler/.test(type)) return { attributes: { ...attributes, 'faas.trigger': 'timer' } }
  const collection = /firestore/.test(type)
    ? /documents\/([^/]+)/.exec(String(subject))?.[1]
    : /storage/.test(type)
      ? data?.bucket
      : undefined
  const trigger = collection === undefined ? 'other' : 'datasource'
  return {
    attributes: {
      ...attributes,
      'faas.trigger': trigger,
      'faas.document.collection': collection,
      'faas.document.operation': collection && operationOf(type),
    },
  }
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/gcp-pubsub/ */
function pubsub(source: string, message: Json, attributes: Attributes): Partial<Start> & { attributes: Attributes } {
  const topic = /topics\/([^/]+)/.exec(source)?.[1]
  const sender: Carrier = message.attributes ?? {}
  return {
    name: topic ? `process ${topic}` : 'process',
    kind: SpanKind.CONSUMER,
    // Google's client has prefixed names: https://github.com/googleapis/nodejs-pubsub
    carriers: [sender, { traceparent: sender['googclient_traceparent'], tracestate: sender['googclient_tracestate'] }],
    attributes: {
      ...attributes,
      'faas.trigger': 'pubsub',
      'messaging.system.name': 'gcp_pubsub',
      'messaging.operation.type': 'process',
      'messaging.operation.name': 'process',
      'messaging.destination.name': topic,
      'messaging.message.id': message.messageId ?? attributes['cloudevents.event_id'],
    },
  }
}

/** `google.cloud.firestore.document.v1.created`, `google.storage.object.finalize` */
function operationOf(type: string): string {
  if (/create|finalize/.test(type)) return 'insert'
  return /delete/.test(type) ? 'delete' : 'edit'
}
