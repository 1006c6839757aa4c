/** Next's bundlers leave nothing out: what an edge module imports must not lead to code for Node. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findConfigFeatures } from '../src/plugin/config-features.ts'
import { configKeys } from '../src/plugin/config-keys.ts'

const runtime = path.join(import.meta.dirname, '../dist/runtime')
const features = findConfigFeatures({ file: '', path: '', keys: configKeys }, 'nextjs').map(({ file }) => file)

function reach(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen
  seen.add(file)
  const code = readFileSync(file, 'utf8')
  for (const [, specifier] of code.matchAll(/\b(?:from|import) "(\.[^"]+)"/g))
    reach(path.join(path.dirname(file), specifier!), seen)
  return seen
}

test.each(['edge', 'kinds/nextjs', 'hosts/next-edge', ...features.map((file) => `features/${file}`), 'define-config'])(
  '%s',
  (name) => {
    const files = Array.from(reach(path.join(runtime, `${name}.js`)))
    const ofNode = files.filter((file) => /process\.(getBuiltinModule|on|kill)\b/.test(readFileSync(file, 'utf8')))
    expect(ofNode).toEqual([])
    expect(files.length).toBeGreaterThan(name === 'define-config' ? 0 : 1)
  },
)
