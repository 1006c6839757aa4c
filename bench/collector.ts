/** Starts the collector's process and asks it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'

export interface Collector {
  readonly url: string
  /** Since the last time it was asked. */
  requests(): Promise<number>
  stop(): void
}

export async function startCollector(): Promise<Collector> {
  const child = fork(path.join(import.meta.dirname, 'process/collector.ts'))
  const answer = async (): Promise<number> => ((await once(child, 'message')) as [number])[0]
  return {
    url: `http://127.0.0.1:${await answer()}`,
    requests() {
      const answered = answer()
      child.send('requests')
      return answered
    },
    stop: () => child.disconnect(),
  }
}
