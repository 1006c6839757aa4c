import { setTimeout as sleep } from 'node:timers/promises'
import type { ExtensionsApi } from './extensions-api.ts'
import type { Journal } from './journal.ts'
import type { Sandbox } from './sandbox.ts'
import type { SandboxProcess } from './sandbox-process.ts'

export type ShutdownReason = 'spindown' | 'timeout' | 'failure'

/** The runtime may use this share of the whole budget, extensions the rest. */
const RUNTIME_SHARE = 0.3

/**
 * Ends all processes of an environment. Only a spindown with at least one registered agent, internal ones included,
 * gives the runtime a SIGTERM; a function without any never sees one. A reset kills the runtime at once.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
 */
export async function shutDown(
  sandbox: Sandbox,
  extensions: ExtensionsApi,
  reason: ShutdownReason,
  journal: Journal,
): Promise<void> {
  const { runtime, externals } = sandbox
  const { agents } = extensions
  const budgetMs = agents.length === 0 ? 0 : agents.some((agent) => agent.external) ? 2000 : 500
  const startedAt = performance.now()

  sandbox.thaw()
  if (reason === 'spindown' && budgetMs > 0 && runtime?.alive) {
    journal.record('sigterm', { name: runtime.name, pid: runtime.pid })
    runtime.signal('SIGTERM')
    await within(budgetMs * RUNTIME_SHARE, runtime)
  }
  runtime?.signal('SIGKILL')

  const subscribed = (process: SandboxProcess) =>
    agents.some((agent) => agent.name === process.name && agent.events.includes('SHUTDOWN'))
  for (const process of externals) if (!subscribed(process)) process.signal('SIGKILL')
  const leftMs = budgetMs - (performance.now() - startedAt)
  const deadlineMs = Math.round(Date.now() + leftMs)
  extensions.publish({ eventType: 'SHUTDOWN', shutdownReason: reason, deadlineMs })
  await Promise.all(externals.map((process) => within(leftMs, process)))
  for (const process of externals) process.signal('SIGKILL')
  await Promise.all([runtime, ...externals].map((process) => process?.ended))
}

async function within(ms: number, process: SandboxProcess): Promise<void> {
  const timer = new AbortController()
  const timeout = sleep(Math.max(0, ms), undefined, { signal: timer.signal }).catch(() => {})
  await Promise.race([process.ended, timeout])
  timer.abort()
}
