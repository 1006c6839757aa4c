import type { LedgerSpan } from '../harness/ledger.ts'

/** A span that a scenario started, and for which invocation. */
export interface StartedSpan extends LedgerSpan {
  id: string
}

const RE_LINE = /\bledger (\{.*?\})/g

/** The spans that a function noted in its standard output, whatever its runtime puts around a line. */
export function startedIn(output: string): StartedSpan[] {
  return Array.from(output.matchAll(RE_LINE), ([, json]) => JSON.parse(json!) as StartedSpan)
}
