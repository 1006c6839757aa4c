/** The race of every cold start: the registration against the addon's first `/next`, which leaves from a thread of its own. */
import { createJournal } from '../harness/journal.ts'
import { startLambda } from '../harness/lambda-host.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { buildPair, type Variant } from './build.ts'
import { median, type Checks } from './checks.ts'

const RUNS = 15

export interface ColdStarts {
  /** Registrations accepted, of how many processes. */
  accepted: string
  /** From the spawn to the first `/next`, medians in milliseconds; `added` is that of the pairs' differences. */
  without: number
  ours: number
  added: number
}

export async function coldStarts(variant: Variant, ric: string, { check }: Checks): Promise<ColdStarts> {
  const folders = await buildPair('bare', variant)
  const receiver = await startReceiver()
  const times = { without: [] as number[], ours: [] as number[] }
  let accepted = 0

  async function start(which: 'without' | 'ours'): Promise<void> {
    const journal = createJournal()
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
    const lambda = await startLambda({
      client: 'native',
      ric,
      taskRoot: folders[which],
      handler: 'index.handler',
      journal,
      env,
    })
    try {
      times[which].push(lambda.coldStart.spawnToFirstNextMs)
      const result = await lambda.invoke({})
      check(`${variant.name}: a cold start answers`, result.ok && result.json() === 'ok', result.text)
      await result.finished
      if (which === 'ours' && lambda.coldStart.registered.includes('unplugin-otel')) accepted++
    } finally {
      await lambda.stop()
    }
    const [exit] = journal.of('exit')
    if (which === 'ours') check(`${variant.name}: ended by the platform's SIGTERM`, exit?.signal === 'SIGTERM', exit)
  }

  try {
    for (let run = 0; run < RUNS; run++) {
      // Neither is always the one that finds the disk's cache warm.
      for (const which of run % 2 === 0 ? (['without', 'ours'] as const) : (['ours', 'without'] as const))
        await start(which)
    }
    check(`${variant.name}: every registration is accepted`, accepted === RUNS, accepted)
    check(`${variant.name}: every cold start is exported`, receiver.spans.length === RUNS, receiver.spans.length)
  } finally {
    await receiver.stop()
  }
  return {
    accepted: `${accepted}/${RUNS}`,
    without: median(times.without),
    ours: median(times.ours),
    added: median(times.ours.map((ms, run) => ms - times.without[run]!)),
  }
}
