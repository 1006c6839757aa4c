/** A collector that does not answer, or not in time, or whose connection breaks. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { UNRESOLVABLE } from '../harness/faults.ts'
import { MOST_PROBES, type FaultRow } from './fault-row.ts'

const certificate = readFileSync(path.resolve(import.meta.dirname, '../functions/localhost.pem'), 'utf8')
/** A request that breaks before anybody knows what became of it may be sent again: delivery is at least once. */
const TAKEN_WHOLE = 'the collector took the whole body, and the sender cannot know'
/** More than the budget. */
const SLOW_MS = 400
const broken: Pick<FaultRow, 'fails' | 'says'> = { fails: 'quick', says: ['UO205'] }

export const connections: readonly FaultRow[] = [
  { name: 'well', fault: {}, fails: 'never' },
  { name: 'slow, within the budget', fault: { delayMs: 10 }, fails: 'never' },
  {
    name: 'slow, over the budget',
    fault: { delayMs: SLOW_MS },
    fails: 'slow',
    answersAfterMs: SLOW_MS,
    drops: ['no_answer'],
    says: ['UO205', 'UO208'],
  },
  {
    name: 'accepts and never answers',
    fault: { mode: 'hang' },
    fails: 'slow',
    drops: ['no_answer'],
    says: ['UO205', 'UO208'],
  },
  { name: 'refuses', fault: { mode: 'refuse' }, ...broken },
  { name: 'resets before the body', fault: { mode: 'reset-before-body' }, ...broken },
  { name: 'resets in the midst of the body', fault: { mode: 'reset-in-body' }, ...broken },
  { name: 'resets after the body', fault: { mode: 'reset-after-body' }, ...broken, ambiguous: TAKEN_WHOLE },
  { name: 'resets after the head of the answer', fault: { mode: 'reset-after-head' }, fails: 'never' },
  {
    name: 'resets idle sockets during each freeze',
    fault: {},
    before: (_n, receiver) => receiver.dropIdleSockets('RST'),
    fails: 'never',
    // workerd finds out by a request that fails, and nothing says whether it was the socket or the collector.
    on: { workers: { fails: 'quick', says: ['UO205'], probes: MOST_PROBES } },
  },
  { name: 'answers what is not HTTP', fault: { mode: 'garbage' }, ...broken, ambiguous: TAKEN_WHOLE },
  { name: 'a certificate that nobody signed', fault: {}, receiver: { tls: certificate }, ...broken },
  { name: 'a name that nobody has', fault: {}, endpoint: UNRESOLVABLE, ...broken },
]
