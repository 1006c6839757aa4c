/** Handlers that end in another way than by a promise's value, and one that is not wrapped. */
import { createJournal } from '../harness/journal.ts'
import { startLambda } from '../harness/lambda-host.ts'
import { compareLedger, readLedger } from '../harness/ledger.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { buildPair, temporary, type Variant } from './build.ts'
import { checkOrder } from './warm.ts'
import type { Journal } from '../harness/journal.ts'
import type { InvokeResult, LambdaHost } from '../harness/lambda-host.ts'
import type { Receiver } from '../harness/otlp-receiver.ts'
import type { Checks } from './checks.ts'

const RUNS = 10
/** An invocation that nobody holds is free in about 1 ms; one that waits for a wrapper takes 100. */
const AT_ONCE_MS = 50

interface Case {
  readonly handler: 'fails' | 'sync' | 'streams' | 'ignored'
  /** Whether the caller got what the handler gives. */
  expected(result: InvokeResult): boolean
}

const CASES: readonly Case[] = [
  {
    handler: 'fails',
    expected: ({ error }) => error?.errorType === 'RangeError' && error.errorMessage === 'as ordered',
  },
  { handler: 'sync', expected: ({ ok, text }) => ok && text === '{"sync":true}' },
  {
    handler: 'streams',
    expected({ ok, streaming, text, chunks }) {
      const lasted = chunks.at(-1)!.at - chunks[0]!.at
      return ok && streaming && text === 'onetwo' && lasted > 30
    },
  },
  { handler: 'ignored', expected: ({ ok, text }) => ok && text === '"ignored"' },
]

export async function otherHandlers(variant: Variant, ric: string, checks: Checks): Promise<void> {
  const { ours } = await buildPair('work', variant)
  for (const { handler, expected } of CASES) {
    const check: Checks['check'] = (what, ...rest) => checks.check(`${variant.name}, ${handler}: ${what}`, ...rest)
    const journal = createJournal()
    const receiver = await startReceiver({ journal, delayMs: 20 })
    const ledger = temporary(`${variant.name}-${handler}.jsonl`)
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, LEDGER_FILE: ledger }
    let lambda: LambdaHost | undefined
    try {
      lambda = await startLambda({ client: 'native', ric, taskRoot: ours, handler: `index.${handler}`, journal, env })
      for (let run = 0; run < RUNS; run++) {
        const result = await lambda.invoke({ run })
        check('the caller gets what the handler gives', expected(result), result.text)
        await result.finished
        if (handler === 'ignored') check('the environment is free at once', result.busyMs < AT_ONCE_MS, result.busyMs)
      }
      if (handler === 'ignored') checkUntouched(journal, receiver, check)
      else checkExported(ledger, journal, receiver, check)
    } catch (error) {
      check('runs', false, String(error))
    } finally {
      await lambda?.stop()
      await receiver.stop()
    }
  }
}

function checkUntouched(journal: Journal, receiver: Receiver, check: Checks['check']): void {
  check('never registers', journal.of('register').length === 0, journal.of('register'))
  check('sends nothing', receiver.requests.length === 0, receiver.requests.length)
}

function checkExported(ledger: string, journal: Journal, receiver: Receiver, check: Checks['check']): void {
  const { started, lost, duplicated, unexpected } = compareLedger(readLedger(ledger), receiver.spans)
  check('has spans', started >= RUNS, started)
  check('lost 0', lost.length === 0, lost)
  check('duplicated 0', duplicated.length === 0, duplicated)
  check('one root each', unexpected.length === RUNS, unexpected.length)
  checkOrder(journal, check, 1)
}
