/**
 * `npm run fuzz -- --count 100000 --seed 7`: random modules through the transform, by the properties in test/fuzz. What
 * fails is made small and becomes a fixture; `--path` looks at one failure again.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
import { parseOptions, UsageError } from '../src/cli/args.ts'
import { fuzz, rotatedSeed, type Failure, type Fuzzed } from '../test/fuzz/run.ts'

/** Node keeps every module that it has imported: a thread ends after this many. */
const BATCH = 2500
const HELP = 'CONTRIBUTING.md'
const root = path.resolve(import.meta.dirname, '..')

interface Batch {
  readonly count: number
  readonly seed: number
  readonly path?: string
}

if (isMainThread) await main(process.argv.slice(2))
else {
  const { count, seed, path }: Batch = workerData
  const { failure, ...fuzzed } = await fuzz(count, seed, path)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin
  parentPort!.postMessage({ ...fuzzed, ...(failure && { failure: { ...failure, module: { ...failure.module } } }) })
}

async function main(args: string[]): Promise<void> {
  try {
    const { count, seed, path } = readArguments(args)
    await run(count, seed, path)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}

async function run(count: number, seed: number, path?: string): Promise<void> {
  console.log(`fuzz: ${count} modules, seed ${seed}`)
  const began = performance.now()
  const total = { wrapped: 0, left: 0, invalid: 0 }
  let checked = 0
  for (let first = 0; first < count; first += BATCH) {
    const batch = { count: Math.min(BATCH, count - first), seed: seed + first, ...(path !== undefined && { path }) }
    const { fates, failure, ...fuzzed } = await inThread(batch)
    for (const fate of ['wrapped', 'left', 'invalid'] as const) total[fate] += fates[fate]
    checked += fuzzed.checked
    const seconds = (performance.now() - began) / 1000
    const share = (fate: keyof typeof total) => `${fate} ${Math.round((100 * total[fate]) / checked)} %`
    console.log(
      `${checked} modules, ${Math.round(checked / seconds)}/s: ${share('wrapped')}, ${share('left')}, ${share('invalid')}`,
    )
    if (failure) return fail(failure, fuzzed.seed)
  }
}

function inThread(batch: Batch): Promise<Fuzzed> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: batch })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}

function fail({ module: { code, file, platform, system }, why, path: where }: Failure, seed: number): void {
  const hash = createHash('sha256').update(code).digest('hex').slice(0, 8)
  // What a fixture's name begins with says where in a project it is, or of which module system.
  const begin = file.startsWith('fuzz') ? { esm: '', cjs: 'cjs-', 'export =': 'ts-export-assignment-' }[system] : ''
  const fixture = `test/fixtures/${platform}/${begin}${file.replace('fuzz', `fuzz-${hash}`)}`
  writeFileSync(path.join(root, fixture), code)
  console.error(
    [
      `\nfailed, again by: npm run fuzz -- --seed ${seed} --path ${where}`,
      why,
      `\nThe smallest module that fails is ${fixture} now. Fix it, then write its snapshots:`,
      'npx vitest run --project unit test/plugin/fixtures.test.ts -u',
      'npm run build && npx vitest run --project built test/tiers.test.ts -t rollup -u',
    ].join('\n'),
  )
  process.exitCode = 1
}

function readArguments(args: string[]): { count: number; seed: number; path?: string } {
  const options = { count: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' } } as const
  const { count = '10000', seed, path } = parseOptions(args, options, HELP) as Record<string, string | undefined>
  if (path !== undefined && seed === undefined) throw new UsageError('--path needs the seed', 'Add --seed.')
  return {
    count: path === undefined ? toNumber('count', count, 1) : 1,
    seed: seed === undefined ? rotatedSeed() : toNumber('seed', seed, -(2 ** 31)),
    ...(path !== undefined && { path }),
  }
}

function toNumber(name: string, text: string, least: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < least || value >= 2 ** 31) {
    throw new UsageError(`--${name} is '${text}', not a whole number from ${least}`, `See ${HELP}.`)
  }
  return value
}
