/** Spans that a handler has left open. */
import type { Invocation } from '../contract.ts'

/** Waits until they have ended, for about a second: most do by themselves, and one that is forgotten never does. */
export async function openSpansEnd({ open }: Pick<Invocation, 'open'>): Promise<void> {
  for (let ms = 1; open.size > 0 && ms < 1000; ms *= 2) await new Promise((resolve) => setTimeout(resolve, ms))
}
