/** Handlers of a CommonJS module that may export any name: all that are asked for, each if it turns out to be a function. */
import type { Wrap, WrappedHandler } from './emit.ts'
import type { Exports } from './handlers.ts'

export interface GuardedName {
  readonly name: string
  readonly kind: string
  /** What may export it. */
  readonly start: number
}

export function guardedNames({ values, unnamed }: Exports, kinds: Readonly<Record<string, string>>): GuardedName[] {
  const open = unnamed.find(({ isGuarded }) => isGuarded)
  if (!open) return []
  const known = new Set(values.map(({ name }) => name))
  return Object.entries(kinds)
    .filter(([name]) => !known.has(name))
    .map(([name, kind]) => ({ name, kind, start: open.start }))
}

/** For the report: one line for all that are guarded by the same kind. */
export function toReported(wraps: readonly Wrap[], guarded: readonly GuardedName[]): WrappedHandler[] {
  const sure = wraps.slice(0, wraps.length - guarded.length).map(toHandler)
  const unsure = wraps.slice(sure.length)
  const kinds = new Set(unsure.map(({ kind }) => kind))
  const grouped = Array.from(kinds, (kind) => {
    const names = unsure.filter((wrap) => wrap.kind === kind).map(({ name }) => name)
    const { line, column } = unsure[0]!
    if (names.length === 1) return { name: names[0]!, kind: `${kind}, if it is a function`, line, column }
    return { name: '*', kind: `${kind}: each of ${names.join(', ')} that is a function`, line, column }
  })
  return [...sure, ...grouped]
}

function toHandler({ name, kind, line, column }: Wrap): WrappedHandler {
  return { name, kind, line, column }
}
