/** What a cold start spends on the import, and the first call before the user's first line. No runtime client. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { buildFunction, type Subject } from './bundles.ts'
import { functionEnv } from './function-env.ts'
import { inTurns, paired, spreadOf, type Spread } from './statistics.ts'

const run = promisify(execFile)
const SUBJECTS: readonly Subject[] = ['bare', 'ours', 'by hand']

/** Plain JavaScript in the command: nothing else is loaded before the clock starts. */
const SCRIPT = `
  const started = performance.now()
  const { handler } = await import('file://' + process.argv[1])
  const loaded = performance.now()
  const http = { method: 'GET', path: '/' }
  const event = { routeKey: 'GET /', rawPath: '/', headers: {}, requestContext: { http } }
  let entered
  const mark = () => { entered ??= performance.now() }
  const context = { awsRequestId: 'a', invokedFunctionArn: 'a:b', children: 0, entered: mark }
  const called = performance.now()
  handler(event, context)
  console.log(JSON.stringify([loaded - started, entered - called]))
  process.exit()`

export interface Load {
  readonly rounds: number
  /** Milliseconds over bare. */
  readonly added: Record<'ours' | 'by hand', { readonly load: Spread; readonly firstLine: Spread }>
  readonly bare: { readonly load: Spread; readonly firstLine: Spread }
}

export async function measureLoad(rounds: number): Promise<Load> {
  const times = Object.fromEntries(
    SUBJECTS.map((subject) => [subject, { load: [], firstLine: [] }]),
  ) as unknown as Record<Subject, { load: number[]; firstLine: number[] }>
  const files = new Map<Subject, string>()
  for (const subject of SUBJECTS) files.set(subject, await buildFunction(subject, 'exported'))
  // The first round fills the disk's cache.
  for (let round = -1; round < rounds; round++) {
    for (const subject of inTurns(round, SUBJECTS)) {
      const args = ['--input-type=module', '-e', SCRIPT, files.get(subject)!]
      const { stdout } = await run(process.execPath, args, { env: functionEnv('http://127.0.0.1:9') })
      const [load, firstLine] = JSON.parse(stdout) as [number, number]
      if (round < 0) continue
      times[subject].load.push(load)
      times[subject].firstLine.push(firstLine)
    }
  }
  const minus = (a: number, b: number) => a - b
  const over = (subject: Subject) => ({
    load: paired(times[subject].load, times.bare.load, minus),
    firstLine: paired(times[subject].firstLine, times.bare.firstLine, minus),
  })
  const bare = { load: spreadOf(times.bare.load), firstLine: spreadOf(times.bare.firstLine) }
  return { rounds, added: { ours: over('ours'), 'by hand': over('by hand') }, bare }
}
