/** Puts the attributes of a context on every span that starts in it, whoever starts it, before any processor sees it. */
import {
  context,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api'
import { quietly, warnOnce } from '../quietly.ts'
import { registeredProvider } from './registered.ts'
import { slot } from '../slot.ts'
import { userAttributesIn } from './user-context.ts'

/** Of our own provider, now or later, and of the user's own, if it is there. */
export function observeSpans(): void {
  slot.onStart ??= (span, parentContext) => quietly(() => addAttributes(span, parentContext))
  const registered = registeredProvider()
  if (!registered || (slot.tracing?.export && slot.tracing.provider === registered)) return
  if (observed.has(registered)) return
  observed.add(registered)
  if (!observeTracers(registered)) {
    warnOnce('UO231', 'withContext() does not reach the spans of this OpenTelemetry provider: set their attributes')
  }
}

/** What a library gave its span says more. */
function addAttributes(span: Span & { readonly attributes?: object }, parentContext: Context): void {
  const attributes = userAttributesIn(parentContext)
  for (const key in attributes) {
    if (!Object.hasOwn(span.attributes ?? {}, key)) span.setAttribute(key, attributes[key]!)
  }
}

const observed = new WeakSet<object>()

/**
 * The SDK takes no processor once its provider is made. Libraries have their tracers by then, so it is the class of
 * them that is changed.
 */
function observeTracers(provider: TracerProvider): boolean {
  const tracer = provider.getTracer('unplugin-otel/runtime')
  let owner: object = Object.getPrototypeOf(tracer)
  while (owner && !Object.hasOwn(owner, 'startSpan')) owner = Object.getPrototypeOf(owner)
  // Of one that is an object of its own there may be others.
  if (!owner || Object.hasOwn(tracer, 'startSpan')) return false
  const original = (owner as Tracer).startSpan
  if (slot.wrappers.has(original)) return true
  const startSpan = new Proxy(original, {
    apply(target, self, [name, options, parentContext]: Parameters<Tracer['startSpan']>) {
      const given = quietly(() => withAttributes(options, parentContext ?? context.active())) ?? options
      return Reflect.apply(target, self, [name, given, parentContext])
    },
  })
  slot.wrappers.set(startSpan, original)
  return Reflect.set(owner, 'startSpan', startSpan)
}

function withAttributes(options: SpanOptions | undefined, parentContext: Context): SpanOptions | undefined {
  const attributes = userAttributesIn(parentContext)
  return attributes && { ...options, attributes: { ...attributes, ...options?.attributes } }
}
