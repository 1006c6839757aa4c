/**
 * A process that ends by itself: `process.exit()`, an error that nobody caught, an empty event loop in the midst of an
 * invocation. Nothing asynchronous runs any more, so a thread sends what has not arrived, and the process waits for it.
 * What kills it at once, as SIGKILL and running out of memory do, leaves no time.
 * https://nodejs.org/api/process.html#event-exit
 */
import { closeBreaker, isBreakerOpen } from './breaker.ts'
import { builtin } from './builtin.ts'
import { takeEnded } from './invocation.ts'
import { endAllSpans } from './open-spans.ts'
import { applyError } from './outcome.ts'
import { quietly } from './quietly.ts'
import { STOP_BUDGET_MS } from './signals.ts'
import { slot } from './slot.ts'
import { stopSending } from './transport-node.ts'

interface WorkerThreads {
  readonly isMainThread: boolean
  readonly Worker: new (source: string, options: object) => { unref(): void }
}
declare const process: {
  on(event: 'exit', listener: () => void): void
  on(event: 'uncaughtExceptionMonitor', listener: (error: unknown) => void): void
  prependListener(event: 'unhandledRejection', listener: (error: unknown) => void): void
}

/**
 * Text, because a bundler may add calls of its own to a function: `d` is set when it is done, `q` are the requests. It ends, also by an error, when all are answered.
 */
const SENDER = `const get=process.getBuiltinModule,{workerData:[d,q]}=get('worker_threads')
process.on('exit',()=>{d[0]=1;Atomics.notify(d,0)})
for(const[o,b]of q)get(o.protocol.slice(0,-1)).request(o,r=>r.resume()).on('error',()=>{}).end(b)`

/**
 * Idempotent. Costs some microseconds: to be called when an invocation begins, not at import.
 * @param endsAtRejection somebody listens for unhandled rejections, for good, and then ends the process: one more
 * listener does not keep it from ending
 */
export function flushAtExit(endsAtRejection: boolean): void {
  if (slot.isFlushedAtExit) return
  slot.isFlushedAtExit = true
  process.on('exit', () => quietly(flush))
  process.on('uncaughtExceptionMonitor', noteUncaught)
  if (endsAtRejection) process.prependListener('unhandledRejection', noteUncaught)
}

/** It may yet be caught, and the process live on: it counts for invocations that are still there at the exit. */
function noteUncaught(error: unknown): void {
  for (const invocation of slot.active) invocation.uncaught = { error }
}

function flush(): void {
  const { tracing } = slot
  if (!tracing?.export) return
  const { exporter, inFlight } = tracing.export
  const requests = stopSending()
  // To start a thread takes 40 ms of a whole processor, and the smallest functions have a fourteenth of one.
  let budget = Math.min(tracing.flush.budgetMs, isBreakerOpen() ? STOP_BUDGET_MS : Infinity)
  // The last chance.
  closeBreaker()
  for (const { root, uncaught, deadline } of slot.active) {
    if (uncaught) quietly(() => applyError(root, uncaught.error))
    if (deadline) budget = Math.min(budget, deadline - Date.now())
  }
  endAllSpans()
  // With what is kept.
  exporter.send(takeEnded(slot.active), inFlight())
  const { isMainThread, Worker } = builtin<WorkerThreads>('node:worker_threads')!
  if (requests.size === 0 || !isMainThread) return
  const done = new Int32Array(new SharedArrayBuffer(4))
  // Neither what the variables preload, nor what is secret in them.
  new Worker(SENDER, { eval: true, env: {}, execArgv: [], workerData: [done, [...requests]] }).unref()
  Atomics.wait(done, 0, 0, budget)
}
