/** Globals that are not what they were: the caller gets what it gets without us, the spans arrive, and spies see none of it. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildFunction, functions, invoke, run } from './deploy.ts'
import { buildWorker } from './deploy-worker.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver, type ReceivedSpan } from './harness/otlp-receiver.ts'
import { startWorkerd } from './harness/workerd-host.ts'
import { CALLS, type Case, casesFor, maySilence, prefixOf, readAnswer, TOP, WORK } from './hostile/cases.ts'
import { ran } from './ran.ts'

interface Outcome {
  readonly answers: string[]
  readonly seen: Record<string, number>
  readonly spans: readonly ReceivedSpan[]
}

const LAMBDA = `${TOP}
export const handler = async ({ n }) => { ${WORK}
  return answer
}`
const SERVER = `import { createServer } from 'node:http'
import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}
${TOP}
listen(createServer(async (request, response) => {
  const work = async (n) => { ${WORK}
    return answer
  }
  const answer = await work(Number(request.url.slice(-1))).catch((error) => {
    response.statusCode = 500
    return String(error)
  })
  response.end(answer)
}))`
const WORKER = `${TOP}
export default { async fetch(request) {
  const n = Number(new URL(request.url).pathname.slice(-1))
  ${WORK}
  return new Response(answer)
} }`

const parent = path.join(import.meta.dirname, '../.cache')
const folders: string[] = []
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

function copyOf(folder: string): string {
  const copy = mkdtempSync(path.join(parent, 'hostile-'))
  folders.push(copy)
  cpSync(folder, copy, { recursive: true })
  return copy
}

/** Of a built module, with the case in front of it. */
function variant(built: string, file: string, each: Case): string {
  const folder = copyOf(built)
  writeFileSync(path.join(folder, file), prefixOf(each) + readFileSync(path.join(built, file), 'utf8'))
  return folder
}

/** Each is built once. */
const builds = new Map<string, Promise<string>>()
function builtOnce(key: string, build: () => Promise<string>): Promise<string> {
  const known = builds.get(key) ?? build().then(copyOf)
  builds.set(key, known)
  return known
}

const usual = ['answer 1', 'answer 2', 'RangeError: as asked', 'answer 4']

/** @param control runs the same without us */
async function expectTransparent(
  each: Case,
  { answers, seen, spans }: Outcome,
  control: () => Promise<Outcome>,
  known: readonly string[] = each.prelude.sees ?? [],
): Promise<void> {
  if (answers.join() !== usual.join()) expect(answers).toEqual((await control()).answers)
  // We have taken what it is by then.
  if (each.place !== 'before') expect(Object.keys(seen).filter((name) => !known.includes(name))).toEqual([])
  if (maySilence(each)) return
  const roots = spans.filter(({ kind }) => kind === 2)
  expect(roots).toHaveLength(4)
  for (const root of roots) {
    expect(spans.filter(({ traceId }) => traceId === root.traceId).map(({ name }) => name)).toContain('child')
  }
  expect(roots.filter(({ status }) => status.code === 2)).toHaveLength(1)
  const child = spans.find(({ name }) => name === 'child')!
  expect(child.attributes['order']).toEqual({ id: 7, rows: ['a', 'b'] })
  expect(child.events).toHaveLength(1)
}

describe('Lambda', () => {
  async function runLambda(each: Case, otel: boolean): Promise<Outcome> {
    // With an awaited flush, too.
    const options = { otel: otel && { ...(each.place === 'behind' && { flush: { mode: 'await' as const } }) } }
    const built = await builtOnce(`lambda ${JSON.stringify(options)}`, () =>
      buildFunction(LAMBDA, { ...options, extension: 'js' }),
    )
    const folder = variant(built, 'index.mjs', each)
    const { nodeArgs = [] } = each.prelude
    const outcome = { answers: [] as string[], seen: {} as Record<string, number> }
    const deployment = await run(folder, { lambda: { nodeArgs } }).catch((error: Error) => {
      // The platform would start it anew, for each call.
      for (const _ of CALLS) outcome.answers.push(error.message.split('\n')[0]!)
    })
    if (!deployment) return { ...outcome, spans: [] }
    for (const n of CALLS) {
      const { text, error } = await invoke(deployment, { n })
      const { answer, seen } = readAnswer(error ? `${error.errorType}: ${error.errorMessage}` : text)
      outcome.answers.push(answer)
      if (n > 1) Object.assign(outcome.seen, seen)
    }
    return { ...outcome, spans: deployment.receiver.spans }
  }

  test.each(casesFor(['node'], ['before', 'behind', 'inside']))('$place: $name', async (each) => {
    ran('esbuild', 'Lambda', 'ESM')
    await expectTransparent(each, await runLambda(each, true), () => runLambda(each, false))
  })
})

describe('a Node server', () => {
  async function runServer(each: Case, otel: boolean): Promise<Outcome> {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const built = await builtOnce(`server ${otel}`, () =>
      buildFunction(SERVER, { otel: otel && { platform: 'node-server' }, extension: 'js' }),
    )
    const server = await startNodeServer(
      path.join(variant(built, 'index.mjs', each), 'index.mjs'),
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
      each.prelude.nodeArgs,
    )
    const outcome = { answers: [] as string[], seen: {} as Record<string, number> }
    for (const n of CALLS) {
      const { answer, seen } = readAnswer((await ask(server.url, { path: `/${n}` })).body)
      outcome.answers.push(answer)
      if (n > 1) Object.assign(outcome.seen, seen)
    }
    await server.signal('SIGTERM')
    return { ...outcome, spans: receiver.spans }
  }

  test.each(casesFor(['node', 'server'], ['behind']))('$place: $name', async (each) => {
    ran('esbuild', 'Node server')
    await expectTransparent(each, await runServer(each, true), () => runServer(each, false))
  })
})

describe('Workers', async () => {
  /** All in one process, each in an isolate of its own, behind one that passes requests on. */
  async function runWorkers(cases: Case[], otel: boolean): Promise<Outcome[]> {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const built = await buildWorker(WORKER, otel ? {} : { otel: false })
    const workers = Object.fromEntries(
      cases.map((each, at) => [
        `case-${at}`,
        {
          source: `${prefixOf(each)}${readFileSync(path.join(built, 'index.js'), 'utf8')}`,
          compatibilityFlags: ['nodejs_als'],
          vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_SERVICE_NAME: `case-${at}` },
        },
      ]),
    )
    const worker = await startWorkerd({
      source: `export default { async fetch(request, env) {
        try { return await env[new URL(request.url).pathname.split('/')[1]].fetch(request) } catch (error) { return new Response(String(error)) } } }\n`,
      services: Object.fromEntries(Object.keys(workers).map((name) => [name, name])),
      workers,
      follow: false,
    })
    onTestFinished(() => worker.stop())
    const outcomes = await Promise.all(
      cases.map(async (_, at) => {
        const outcome = { answers: [] as string[], seen: {} as Record<string, number> }
        for (const n of CALLS) {
          const { answer, seen } = readAnswer(await (await worker.fetch(`/case-${at}/${n}`)).text())
          outcome.answers.push(answer)
          if (n > 1) Object.assign(outcome.seen, seen)
        }
        return outcome
      }),
    )
    const spansOf = (at: number) => receiver.spans.filter(({ resource }) => resource['service.name'] === `case-${at}`)
    const isLate = (each: Case, at: number) => !maySilence(each) && spansOf(at).length < 8
    if (otel) await expect.poll(() => cases.filter(isLate).map(({ name }) => name), { timeout: 5000 }).toEqual([])
    return outcomes.map((outcome, at) => ({ ...outcome, spans: spansOf(at) }))
  }

  test('all cases', async () => {
    const cases = casesFor(['worker'], ['before', 'behind', 'inside'])
    const outcomes = await runWorkers(cases, true)
    const controls = await runWorkers(cases, false)
    expect(outcomes.map(({ answers }) => answers)).toEqual(controls.map(({ answers }) => answers))
    ran('vite', 'Workers')
    for (const [at, each] of cases.entries()) {
      const { sees = [], workersSee = [] } = each.prelude
      const known = [...sees, ...workersSee]
      await expectTransparent(each, outcomes[at]!, async () => controls[at]!, known).catch((error: Error) => {
        throw new Error(`${each.place}: ${each.name}: ${error.message}`, { cause: error })
      })
    }
  })
})
