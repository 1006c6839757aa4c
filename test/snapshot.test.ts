/**
 * Clones: a snapshot of a process, restored many times. Each has what was in memory, and its own ids all the same.
 * Node's startup snapshot stands in for a platform's of the whole machine. What it cannot hold is `node:http`, whose
 * parser is no JavaScript, so what is exported before the snapshot is kept, and dropped here; and timers: what Node takes
 * for its next one then is never due in a clone, nor is any after it (24.21).
 * https://nodejs.org/api/v8.html#startup-snapshot-api
 */
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { buildFunction } from './deploy.ts'
import { startReceiver } from './harness/otlp-receiver.ts'

const CLONES = 20
const TYPES = ['on-demand', 'snap-start']
const run = promisify(execFile)

const HANDLER = `import { trace } from '@opentelemetry/api'
const start = (name) => trace.getTracer('app').startSpan(name)
export const span = () => start('outside').end()
export const handler = async (event) => {
  start('child').end()
  if (event.hangs) await new Promise(() => {})
}
`

/** Before ours is loaded, which takes the timers then. */
const TIMERS = `
const { startupSnapshot } = require('node:v8')
let isImage = true
const timer = globalThis.setTimeout
globalThis.setTimeout = (...args) => (isImage ? {} : timer(...args))
`

/** What is called in the process that the snapshot is of, and in each that is made of it. */
const image = (before: string) => `
const { getBuiltinModule } = process
process.getBuiltinModule = (id) => (id === 'node:http' ? undefined : getBuiltinModule(id))
const { handler, span } = module.exports
const context = () => ({ awsRequestId: 'r', functionName: 'f', getRemainingTimeInMillis: () => 3000 })
const invoke = (event) => handler(event, context())
;(async () => { ${before} })()
startupSnapshot.addSerializeCallback(() => {
  const { retained, breaker } = globalThis[Symbol.for('unplugin-otel.v1')]
  retained.length = 0
  // Of the export that failed.
  for (const key of Object.keys(breaker)) breaker[key] = 0
})
startupSnapshot.setDeserializeMainFunction(async () => {
  process.getBuiltinModule = getBuiltinModule
  isImage = false
  span()
  for (let n = 0; n < 3; n++) await invoke({})
})`

/** As text: a process's image is made of a single script. */
async function snapshot(before: string, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = await buildFunction(HANDLER, { format: 'cjs', otel: { flush: { mode: 'await' } }, extension: 'js' })
  const script = path.join(folder, 'image.cjs')
  const bundle = readFileSync(path.join(folder, 'index.cjs'), 'utf8')
  writeFileSync(
    script,
    `${TIMERS}const module = { exports: {} };((module, exports) => {${bundle}\n})(module, module.exports);${image(before)}`,
  )
  const blob = path.join(folder, 'image.blob')
  await run(process.execPath, ['--snapshot-blob', blob, '--build-snapshot', script], { env })
  return blob
}

describe.each([
  ['after init', '', true, 0],
  ['after invocations', 'for (let n = 0; n < 3; n++) await invoke({})', false, CLONES],
  ['while an invocation runs', 'invoke({ hangs: true })', false, 0],
  ['after invocations, while one runs', 'await invoke({}); invoke({ hangs: true })', false, 0],
])('a snapshot %s', (_, before, isFirst, orphans) => {
  test('no id and no cold start repeats', async () => {
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const env = { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, NODE_NO_WARNINGS: '1' }
    const blob = await snapshot(before, env)
    expect(receiver.spans).toEqual([])
    for (const type of Array.from({ length: CLONES }, (_, n) => TYPES[n % 2]))
      await run(process.execPath, ['--snapshot-blob', blob], { env: { ...env, AWS_LAMBDA_INITIALIZATION_TYPE: type } })

    const { spans } = receiver
    const roots = spans.filter(({ name }) => name === 'f')
    expect(roots).toHaveLength(CLONES * 3)
    expect(spans.filter(({ name }) => name === 'child')).toHaveLength(CLONES * 3)
    // Before the first invocation of all there is no tracing; the only one that is active waits for what it ends.
    const outside = spans.filter(({ name }) => name === 'outside')
    expect(outside).toHaveLength(orphans)
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length)
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(roots.length + outside.length)
    // A process that was started for the call is cold, and only for its first one; one that had invocations is not, nor
    // one of which the platform says that it was restored.
    const cold = roots.filter(({ attributes }) => attributes['faas.coldstart'] === true)
    expect(cold).toHaveLength(isFirst ? CLONES / 2 : 0)
    expect(roots.every(({ attributes }) => typeof attributes['faas.coldstart'] === 'boolean')).toBe(true)
  })
})
