/** What `otel.config.ts` brings: whatever its functions do, it is said once and goes no further. */
import { context } from '@opentelemetry/api'
import { suppressTracing } from '@opentelemetry/core'
import type { Config } from './define-config.ts'
import { complain, quietly, warnOnce } from './quietly.ts'
import { slot } from './slot.ts'
import { isThenable } from './thenable.ts'
import { within } from './within.ts'

/** After one that hung, and how much of the time the next ones have. */
const PAUSE_MS = 30_000
const PAUSED_SHARE = 0.1

type Each<T> = T extends readonly (infer Item)[] ? Item : T

/** What the key has, one or a list. Never throws: it is called when the user's module is loaded. */
export function listOf<Key extends keyof Config>(
  config: Config | undefined,
  key: Key,
): readonly Each<NonNullable<Config[Key]>>[] {
  const found = quietly(() => [config?.[key]].flat().filter((each) => each !== undefined && each !== null)) ?? []
  return found as never
}

/** @returns what `run` does outside of any span: what it sends, for one, is nobody's to trace */
export function untraced<T>(run: () => T): T {
  return context.with(suppressTracing(context.active()), run)
}

/** @returns undefined where it throws */
export function attempt<T>(key: keyof Config, run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    return blame(key, error)
  }
}

/** Says it, once a key and process. */
export function blame(key: keyof Config, error: unknown): undefined {
  const said = `UO240 ${key}`
  if (!slot.warned.has(said)) {
    slot.warned.add(said)
    // Of another key it was said.
    slot.warned.delete('UO240')
    // What fails to be a header may be quoted in the error, and is a credential.
    const cause = quietly(() => String(key === 'headers' && error instanceof Error ? error.name : error))
    warnOnce('UO240', `${key} of otel.config.ts failed: ${cause ?? typeof error}`)
  }
  return complain(error)
}

/**
 * Waits for what a function gives, so long at the most; of what has hung a tenth of that, during half a minute.
 * @returns undefined where there is nothing to wait for; settles with the value, or undefined
 */
export type Wait = <T>(given: T, ms: number, referenced?: boolean) => Promise<Awaited<T> | undefined> | undefined

export function createWait(key: keyof Config): Wait {
  let pausedUntil = 0
  return <T>(given: T, ms: number, referenced = false) => {
    if (!attempt(key, () => isThenable(given))) return undefined
    let value: Awaited<T> | undefined
    const settled = (async () => void (value = await given))().catch((error: unknown) => blame(key, error))
    if (ms <= 0) return undefined
    const waitMs = Date.now() < pausedUntil ? ms * PAUSED_SHARE : ms
    return within(waitMs, settled, referenced).then((inTime) => {
      if (!inTime) {
        pausedUntil = Date.now() + PAUSE_MS
        blame(key, `not done in ${waitMs} ms`)
      }
      return value
    })
  }
}
