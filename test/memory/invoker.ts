/**
 * Invokes a bundle in this process as often as it is told, and prints what is on the heap after each fiftieth of it:
 * one line of JSON each. Arguments: the bundle, the number of invocations, the address of `collector.ts`.
 */
import { Agent, request } from 'node:http'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'

/** How the environment is kept awake: `before` the response, by nobody (`interval`), or `after` it by the extension. */
type KeepAlive = 'before' | 'interval' | 'after'
/** Of a block. One that the extension holds is one at a time, with an event of its own. */
const BLOCK: readonly (readonly [KeepAlive, share: number, atOnce: number])[] = [
  ['before', 0.48, 50],
  ['interval', 0.48, 50],
  ['after', 0.04, 1],
]

interface Slot {
  readonly active: ReadonlySet<unknown>
  readonly orphans: readonly unknown[]
  readonly retained: readonly unknown[]
  readonly warned: ReadonlySet<string>
  extension?: object | undefined
}

const [bundle = '', total = '', address = ''] = process.argv.slice(2)
const count = Number(total)
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://${address}`
process.env['AWS_LAMBDA_RUNTIME_API'] = address
process.env['_HANDLER'] = 'index.handler'
type Bundle = typeof import('./handler.ts')
const { handler, names, withCallback, callbackNames } = (await import(bundle)) as Bundle
const ways = [...names, ...callbackNames]
const slot = (globalThis as Record<symbol, unknown>)[Symbol.for('unplugin-otel.v1')] as Slot
const { extension } = slot
if (!extension) throw new Error('the extension was not registered')

const SAMPLES = 50

let made = 0
/** Spans that are left open where nothing freezes: they may still end, so nobody ends them. */
let unended = 0

async function invoke(keepAlive: KeepAlive): Promise<void> {
  const requestId = `request-${made}`
  const way = ways[made++ % ways.length]!
  const context = { awsRequestId: requestId, functionName: 'app', getRemainingTimeInMillis: () => 60_000 }
  if (keepAlive === 'after') await begin(requestId)
  if (keepAlive === 'interval' && way === 'leftOpen') unended++
  if (callbackNames.includes(way)) {
    return new Promise((resolve) => {
      withCallback({ way }, { ...context, callbackWaitsForEmptyEventLoop: true }, () => resolve())
    })
  }
  try {
    await handler({ way }, context)
  } catch {
    // As it was told.
  }
}

const agent = new Agent({ keepAlive: true })

/** The platform tells the extension. */
function begin(requestId: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const [host, port] = address.split(':')
    const asked = request({ host, port, path: '/invoke', method: 'POST', agent }, (response) => {
      response.resume().on('end', resolve)
    })
    asked.on('error', reject)
    asked.end(JSON.stringify({ eventType: 'INVOKE', requestId, deadlineMs: Date.now() + 60_000 }))
  })
}

async function run(keepAlive: KeepAlive, times: number, atOnce: number): Promise<void> {
  slot.extension = keepAlive === 'after' ? extension : undefined
  if (keepAlive === 'interval') process.env['AWS_LAMBDA_MAX_CONCURRENCY'] = '20'
  else delete process.env['AWS_LAMBDA_MAX_CONCURRENCY']
  let left = times
  const lane = async (): Promise<void> => {
    while (left-- > 0) await invoke(keepAlive)
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  // What nobody waits for: exports, and what ends late.
  while (slot.active.size > 0) await turn()
}

const listened = ['SIGTERM', 'SIGINT', 'beforeExit', 'exit', 'uncaughtException', 'unhandledRejection', 'warning']

function print(): void {
  gc!()
  const { heapUsed, external } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const sample = {
    invocations: made,
    unended,
    heapUsed,
    external,
    timers: resources.filter((type) => type === 'Timeout').length,
    handles: resources.length,
    listeners: listened.reduce((sum, event) => sum + process.listenerCount(event), 0),
    active: slot.active.size,
    orphans: slot.orphans.length,
    retained: slot.retained.length,
    warned: slot.warned.size,
  }
  process.stdout.write(`${JSON.stringify(sample)}\n`)
}

for (let sample = 1; sample <= SAMPLES; sample++) {
  const due = Math.round((count * sample) / SAMPLES) - made
  for (const [keepAlive, share, atOnce] of BLOCK) await run(keepAlive, Math.round(due * share), atOnce)
  await sleep(10)
  print()
}
// The last ones that ended late.
await run('before', 1, 1)
process.exit()
