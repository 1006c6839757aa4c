/** A prelude at its place in a function, whose own code uses nothing of what is patched. */
import { preludes, REAL, type Prelude } from './preludes.ts'

/** In front of our module, behind it, or in the handler's first call. */
export type Place = 'before' | 'behind' | 'inside'

export interface Case {
  readonly name: string
  readonly place: Place
  readonly prelude: Prelude
}

/** Whether there may be no spans. */
export function maySilence({ place, prelude: { before, silent } }: Case): boolean {
  return silent !== undefined || (place === 'before' && before !== undefined)
}

export function casesFor(runtimes: readonly Prelude['only'][], places: readonly Place[]): Case[] {
  return places.flatMap((place) =>
    Object.entries(preludes)
      .filter(([, { only }]) => !only || runtimes.includes(only))
      .map(([name, prelude]) => ({ name, place, prelude })),
  )
}

/** To be put in front of the built module: one build serves all cases. */
export function prefixOf({ place, prelude: { code } }: Case): string {
  return `${REAL}\n${place === 'before' ? `{ ${code} }` : `globalThis.$${place} = () => { ${code} }`}\n`
}

/** The body of a handler, for the call `n`: a child, then an answer, or an error in the third call. */
export const WORK = `
  if (n === 1) globalThis.$inside?.()
  const { $seen } = globalThis
  globalThis.$seen = {}
  await tracer.startActiveSpan('child', async (span) => {
    span.setAttribute('order', { id: 7, rows: ['a', 'b'] }).addEvent('began', { at: 1 })
    await new $real.Promise((resolve) => $real.setTimeout(resolve, 2))
    span.end()
  })
  if (n === 3) throw new RangeError('as asked')
  const answer = 'answer ' + n + ' ' + $real.stringify($seen)`

export const TOP = `
import { trace } from '@opentelemetry/api'
globalThis.$behind?.()
const tracer = trace.getTracer('user')
`
/** How often the handler is called. */
export const CALLS = [1, 2, 3, 4]

/** What the caller gets, and which of the patched functions was called since the call before. */
export function readAnswer(text: string): { readonly answer: string; readonly seen: Readonly<Record<string, number>> } {
  const [, answer = text, seen = '{}'] = /(answer \d) (\{[^{}]*\})/.exec(text.replaceAll('\\', '')) ?? []
  return { answer, seen: JSON.parse(seen) }
}
