import { HEAVY_SPANS, type Scenario } from '../functions/scenarios.ts'

export interface Expected {
  /** One path for each span, from the root down. */
  spans: string[]
  /** What the caller gets; without one, an error. */
  answer?: { status: number; body: string }
  /** How an answer begins that breaks off. Not every runtime tells the caller: workerd ends the body as if it were whole. */
  begins?: string
  /** `error.type` of the root, which then has the status ERROR. */
  errorType?: string
}

const chunks = (...texts: string[]): string => texts.map((text) => `${text}\xff\n`).join('')

/** What each scenario means, the same on every platform. Bodies are latin1, for bytes that are no UTF-8. */
export const expected: Record<Scenario, Expected> = {
  ok: {
    spans: ['root', 'root/load', 'root/load/query', 'root/render'],
    answer: { status: 200, body: Buffer.from('grüße').toString('latin1') },
  },
  heavy: {
    spans: ['root', ...Array.from({ length: HEAVY_SPANS }, () => 'root/step')],
    answer: { status: 200, body: 'all of it' },
  },
  throw: { spans: ['root', 'root/check'], errorType: 'RangeError' },
  reject: { spans: ['root', 'root/check'], errorType: 'TypeError' },
  missing: { spans: ['root', 'root/check'], answer: { status: 404, body: 'no such order' } },
  unavailable: { spans: ['root', 'root/check'], answer: { status: 503, body: 'try again' }, errorType: '503' },
  stream: {
    spans: ['root', 'root/first', 'root/second', 'root/third'],
    answer: { status: 200, body: chunks('first', 'second', 'third') },
  },
  'stream-error': {
    spans: ['root', 'root/first', 'root/second'],
    begins: chunks('first'),
    errorType: 'RangeError',
  },
  'stream-endless': {
    spans: ['root', 'root/cancelled', 'root/first'],
    answer: { status: 200, body: chunks('first') },
  },
  background: { spans: ['root', 'root/accept', 'root/background'], answer: { status: 202, body: 'accepted' } },
}
