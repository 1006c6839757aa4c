/** The flush of a provider that somebody else registered. */
import { isBreakerOpen, openBreaker, SLOW_MS } from './breaker.ts'
import type { Foreign } from './provider.ts'
import { complain, warnOnce } from './quietly.ts'
import { within } from './within.ts'

const OPEN_MS = 30_000

/**
 * Never rejects. What hangs, or takes long to fail, costs an invocation only once.
 * @param referenced whether somebody awaits it, as in `within`
 */
export async function flushForeign(foreign: Foreign, budgetMs: number, referenced: boolean): Promise<void> {
  const work = (async () => foreign.forceFlush?.())()
  if (isBreakerOpen()) return void work.catch(complain)
  const began = Date.now()
  const inTime = await within(budgetMs, work, referenced).catch(complain)
  const took = Date.now() - began
  if (inTime || (inTime === undefined && took < SLOW_MS)) return
  openBreaker(OPEN_MS)
  warnOnce(
    'UO216',
    `the other OpenTelemetry provider did not answer within ${took} ms (flush.budgetMs): not waited for during ${OPEN_MS / 1000} s`,
  )
}
