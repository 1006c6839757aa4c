/** A collector that answers: that it cannot, that it will not, or nothing of use. */
import type { FaultRow } from './fault-row.ts'

/** Further ahead than the breaker is open by itself, which is over when the clock has been moved. */
const LATER_MS = 6000
const later: Omit<FaultRow, 'name' | 'fault'> = {
  clock: { every: 150, ms: 4000 },
  fails: 'quick',
  pauseMs: LATER_MS,
  says: ['UO205'],
}
/** Of which nobody gets more by sending it again: https://opentelemetry.io/docs/specs/otlp/#failures-1 */
const refused = (status: '400' | '401' | '413' | '415' | '500' | '302' | '307'): Omit<FaultRow, 'name' | 'fault'> => ({
  fails: 'quick',
  drops: [status],
  says: ['UO206'],
})
const rejected: Omit<FaultRow, 'name'> = {
  fault: { mode: 'partial-success' },
  fails: 'never',
  drops: ['rejected'],
  says: ['UO207'],
}

export const statuses: readonly FaultRow[] = [
  { name: '429', fault: { mode: '429' }, fails: 'quick', says: ['UO205'] },
  {
    name: '429, Retry-After in seconds',
    fault: { mode: '429', retryAfter: '6' },
    ...later,
  },
  { name: '503', fault: { mode: '503' }, fails: 'quick', says: ['UO205'] },
  {
    name: '503, Retry-After as a date',
    // A date has whole seconds: up to one of them is cut off.
    fault: { mode: '503', retryAfter: () => new Date(Date.now() + LATER_MS + 1000).toUTCString() },
    ...later,
  },
  { name: '400', fault: { mode: '400' }, ...refused('400') },
  { name: '401', fault: { mode: '401' }, ...refused('401') },
  { name: '413', fault: { mode: '413' }, ...refused('413') },
  { name: '415', fault: { mode: '415' }, ...refused('415') },
  { name: '500', fault: { mode: '500' }, ...refused('500') },
  { name: 'redirect, 302', fault: { mode: 'redirect-302' }, ...refused('302') },
  { name: 'redirect, 307', fault: { mode: 'redirect-307' }, ...refused('307') },
  { name: 'partial success, JSON', ...rejected },
  { name: 'partial success, protobuf', ...rejected, otel: { protocol: 'http/protobuf' } },
  { name: '200, a body of garbage', fault: { mode: 'garbage-body' }, fails: 'never' },
  { name: '200, a page of HTML', fault: { mode: 'wrong-type' }, fails: 'quick', drops: ['not_otlp'], says: ['UO206'] },
]
