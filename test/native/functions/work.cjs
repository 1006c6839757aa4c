/** The part of `work.ts` that the CommonJS source runs. */
const { trace } = require('@opentelemetry/api')
const { tracedInLedger } = require('../../harness/ledger-span.ts')

exports.handler = async ({ spans = 3 }) => {
  if (spans > 100) for (let i = 0; i < spans; i++) trace.getTracer('work').startSpan(`span ${i}`).end()
  else for (let i = 0; i < spans; i++) await tracedInLedger(`span ${i}`, async () => {})
  return { spans }
}
