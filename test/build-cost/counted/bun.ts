/** `--preload`ed by Bun, which has no such hooks. */
import { readFileSync } from 'node:fs'
import { EDITED, insertCounts } from './insert.ts'

interface Builder {
  onLoad(filter: { filter: RegExp }, load: (args: { path: string }) => { contents: string; loader: 'js' }): void
}
const { Bun } = globalThis as unknown as {
  Bun: { plugin(plugin: { name: string; setup(build: Builder): void }): void }
}

Bun.plugin({
  name: 'counted',
  setup(build) {
    build.onLoad({ filter: EDITED }, ({ path }) => ({
      contents: insertCounts(path, readFileSync(path, 'utf8')),
      loader: 'js',
    }))
  },
})
