/**
 * `npm run test:native`: the handlers of `functions/` under AWS's runtime client with its real addon. It asks for events
 * from a thread and posts responses from C++, which the JavaScript stand-in of the other tests can only imitate.
 */
import { VARIANTS } from './build.ts'
import { createChecks, type Checks } from './checks.ts'
import { coldStarts } from './cold-starts.ts'
import { installClient } from './install.ts'
import { otherHandlers } from './other-handlers.ts'
import { responseTimes } from './response-times.ts'
import { warm } from './warm.ts'

// The listeners of `exit` end what was started and remove what was written.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const ms = (value: number): string => value.toFixed(1)

async function run(checks: Checks): Promise<void> {
  const ric = installClient()
  const table: Record<string, Record<string, string | number>> = {}
  for (const variant of VARIANTS) {
    const cold = await coldStarts(variant, ric, checks)
    const response = await responseTimes(variant, ric, checks)
    const { busy, lost, duplicated } = await warm(variant, ric, checks)
    table[variant.name] = {
      registered: cold.accepted,
      'first /next bare': ms(cold.without),
      'first /next ours': `${ms(cold.ours)} (+${ms(cold.added)})`,
      'response bare': ms(response.without),
      'response ours': `${ms(response.ours)} (+${ms(response.added)})`,
      busy: ms(busy),
      lost,
      duplicated,
    }
    if (variant.extension === 'ts') await otherHandlers(variant, ric, checks)
  }
  console.log('Medians in milliseconds, in brackets that of the paired differences. First /next: from the spawn;')
  console.log('busy: from the response until the environment is free, with a collector that takes 50.')
  console.table(table)
}

const checks = createChecks()
await run(checks).catch((error: Error) => checks.check('the run', false, error.message))
console.log(`${checks.passed} passed, ${checks.failed} failed`)
process.exitCode = checks.failed > 0 ? 1 : 0
