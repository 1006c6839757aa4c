/** Self time by function, from the inspector: `--cpu-prof` would count the warm-up as well. */
import { Session, type Profiler } from 'node:inspector/promises'

export interface SelfTime {
  readonly name: string
  readonly url: string
  /** 0-based, in the bundle. */
  readonly line: number
  readonly column: number
  /** In µs, of all runs. */
  readonly self: number
}

const INTERVAL_US = 100

export async function profiled(work: () => Promise<void>): Promise<SelfTime[]> {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US })
  await session.post('Profiler.start')
  await work()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return selfTimes(profile)
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): SelfTime[] {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const callers = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)))
  const times = new Map<string, SelfTime>()
  samples.forEach((id, at) => {
    const { functionName, url, lineNumber: line, columnNumber: column } = byId.get(id)!.callFrame
    const caller = byId.get(callers.get(id) ?? NaN)?.callFrame.functionName ?? ''
    // Native functions have no place, and names like `run`.
    const name = url || functionName.startsWith('(') ? functionName : `${functionName} by ${caller}`
    const key = `${name} ${url}:${line}:${column}`
    const self = (times.get(key)?.self ?? 0) + (timeDeltas[at] ?? 0)
    times.set(key, { name, url, line, column, self })
  })
  return [...times.values()]
}
