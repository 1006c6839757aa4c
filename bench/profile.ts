/** Where ours spends its time: the functions of the bundle by self time, 5 children. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Way } from './bundles.ts'
import { startCollector } from './collector.ts'
import { COUNT, invoke } from './cpu.ts'
import { createLocator } from './sources.ts'

const CHILDREN = 5

export interface Row {
  readonly name: string
  /** Source file or package; a module of Node; empty for what the engine does itself. */
  readonly where: string
  /** µs per invocation. */
  readonly self: number
  readonly share: number
}

export interface Profile {
  readonly way: Way
  /** By self time, most first. */
  readonly functions: Row[]
  /** The same, summed by file or package. */
  readonly files: Row[]
}

export async function profileOurs(way: Way): Promise<Profile> {
  const collector = await startCollector()
  try {
    const { profile = [], file } = await invoke('ours', way, { children: CHILDREN, profile: true }, collector)
    const locate = createLocator(readFileSync(`${file}.map`, 'utf8'), path.dirname(file))
    const busy = profile.filter(({ name, url }) => name !== '(idle)' && url !== 'node:inspector')
    const total = busy.reduce((sum, { self }) => sum + self, 0)
    const functions = busy.map(({ name, url, line, column, self }) => ({
      name: name || '(anonymous)',
      where: url.endsWith('.mjs') ? (locate(line, column) ?? '') : url.replace(/^file:.*\//, ''),
      self: self / COUNT,
      share: self / total,
    }))
    return { way, functions: most(functions), files: most(summed(functions)) }
  } finally {
    collector.stop()
  }
}

function most(rows: Row[]): Row[] {
  return rows.toSorted((a, b) => b.self - a.self)
}

function summed(rows: Row[]): Row[] {
  const files = new Map<string, Row>()
  for (const { where, name, self, share } of rows) {
    const key = where || name
    const sum = files.get(key)
    files.set(key, { name: '', where: key, self: (sum?.self ?? 0) + self, share: (sum?.share ?? 0) + share })
  }
  return [...files.values()]
}
