/** Whether what is active stays so after an `await`: not without AsyncLocalStorage. */
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import { registeredProvider } from './registered.ts'
import { quietly, warnOnce } from '../quietly.ts'

const KEY = /* @__PURE__ */ createContextKey('unplugin-otel probe')
const asked = new WeakSet<object>()

/** Says once that it does not, and what is missing then. Tried out, because the context manager may be anybody's. */
export function requireAsyncContext(): void {
  const provider = registeredProvider()
  if (!provider || asked.has(provider)) return
  asked.add(provider)
  const probe = ROOT_CONTEXT.setValue(KEY, true)
  const isKept = async () => {
    await undefined
    if (quietly(() => context.active().getValue(KEY))) return
    warnOnce(
      'UO230',
      'context is lost at the first await: spans have no parent there, log() has no span, withContext() ends. Enable AsyncLocalStorage (Workers: compatibility_flags = ["nodejs_als"])',
    )
  }
  quietly(() => void context.with(probe, isKept))
}
