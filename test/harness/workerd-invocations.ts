import type { Journal } from './journal.ts'

export interface WorkerInvocation {
  readonly id: string
  /** Name of its Worker; `main` is the host's first. */
  readonly worker: string
  /** `fetch`, `scheduled`, `queue`, `alarm`, `jsrpc`, `hibernatableWebSocket`, … */
  readonly kind: string
  /** Name of the class, when it is not the default export. */
  readonly entrypoint?: string
  /** `ok`, `exception`, …; `evicted` when workerd was killed first; undefined while something of it runs. */
  outcome?: string
  /** Also those that no client sees: a promise that can never settle is cancelled as a hung request. */
  readonly exceptions: string[]
}

/** What the tail Worker reports. */
export interface TailReport {
  type: 'onset' | 'outcome' | 'exception'
  id: string
  worker: string
  kind: string
  entrypoint?: string
  outcome?: string
  message?: string
  /** Of which start of workerd. */
  boot: number
  /** Reports are requests side by side, which overtake each other. */
  sequence: number
}

/** Follows the invocations by the reports of the tail Worker, which come after the last `waitUntil` promise. */
export function createInvocations(journal: Journal) {
  const list: WorkerInvocation[] = []
  const open = new Map<string, WorkerInvocation>()
  const waiters = new Set<() => void>()
  /** Kinds of invocations that the host asked for and that have not begun. */
  let expected: string[] = []
  let boot = 0
  let next = 0
  const early = new Map<number, TailReport>()

  function end(invocation: WorkerInvocation, outcome: string): void {
    invocation.outcome = outcome
    const { id, worker, kind, entrypoint } = invocation
    open.delete(id)
    journal.record('invocation-settled', { id, worker, kind, entrypoint, outcome })
  }

  function receive(report: TailReport): void {
    if (report.boot < boot) return
    early.set(report.sequence, report)
    for (let due = early.get(next); due; due = early.get(++next)) {
      early.delete(next)
      apply(due)
    }
    for (const check of waiters) check()
  }

  function apply({ type, id, worker, kind, entrypoint, outcome, message }: TailReport): void {
    if (type === 'onset') {
      const begun = { id, worker, kind, ...(entrypoint && { entrypoint }), exceptions: [] }
      list.push(begun)
      open.set(id, begun)
      if (worker === 'main' && !entrypoint) forget(kind)
    }
    const invocation = open.get(id)
    if (type === 'exception') invocation?.exceptions.push(message!)
    if (type === 'outcome' && invocation) end(invocation, outcome!)
  }

  function forget(kind: string): void {
    const index = expected.indexOf(kind)
    if (index >= 0) expected.splice(index, 1)
  }

  function settled(timeoutMs = 5000): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer)
        waiters.delete(check)
        if (error) reject(error)
        else resolve()
      }
      const check = () => {
        if (expected.length === 0 && open.size === 0) finish()
      }
      const timer = setTimeout(() => {
        const running = [...open.values()].map(({ kind, entrypoint }) => (entrypoint ? `${kind} ${entrypoint}` : kind))
        finish(new Error(`not settled after ${timeoutMs} ms: ${running.join(', ')}; not begun: ${expected.join(', ')}`))
      }, timeoutMs)
      waiters.add(check)
      check()
    })
  }

  return {
    list: list as readonly WorkerInvocation[],
    receive,
    settled,
    /** Counts on an invocation of that kind, unless asking for it fails. */
    async expect<T>(kind: string, asked: Promise<T>): Promise<T> {
      expected.push(kind)
      try {
        return await asked
      } catch (error) {
        forget(kind)
        throw error
      }
    },
    /** Ends what runs in the current workerd, whose reports no longer count. Returns the number of the next one. */
    evicted(): number {
      expected = []
      early.clear()
      next = 0
      for (const invocation of open.values()) end(invocation, 'evicted')
      return ++boot
    },
  }
}
