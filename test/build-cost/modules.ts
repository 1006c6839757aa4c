/** A project of many small modules, each of which imports a few others. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Module {
  /** Relative to the project. */
  readonly path: string
  readonly code: string
}

export interface GeneratedProject {
  /** Name in the output → file, absolute. */
  readonly entries: Readonly<Record<string, string>>
  readonly modules: readonly Module[]
}

/** Imports of each module: it is a tree, so that all are reached, with some more edges. */
const CHILDREN = 4

/** @param count modules beside the two entries */
export function createProject(folder: string, count: number): GeneratedProject {
  const manifest = { type: 'module', devDependencies: { '@types/aws-lambda': '*' } }
  const modules = [
    {
      path: 'src/index.js',
      code: `import { m0 } from '${specifier('src/index.js', 0, count)}'\nexport const handler = async () => m0.length\n`,
    },
    // Nothing can be wrapped in it, and nobody needs to read it to know that.
    { path: 'src/silent.js', code: 'globalThis.silent = true\n' },
    ...Array.from({ length: count }, (_, n) => ({ path: pathOf(n, count), code: codeOf(n, count) })),
  ]
  for (const { path, code } of [{ path: 'package.json', code: JSON.stringify(manifest) }, ...modules]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), code)
  }
  return { entries: { index: join(folder, 'src/index.js'), silent: join(folder, 'src/silent.js') }, modules }
}

/** Only what imports nothing may be without a word of that. */
const isLeaf = (n: number, count: number) => n * CHILDREN + 1 >= count
const isSilent = (n: number, count: number) => isLeaf(n, count) && n % 50 === 49
const isData = (n: number, count: number) => isLeaf(n, count) && n % 50 === 24

function pathOf(n: number, count: number): string {
  if (isData(n, count)) return `src/data/d${n}.json`
  if (n % 10 === 3) return `node_modules/package-${n % 7}/lib/m${n}.js`
  return `src/${n % 2 ? 'odd' : 'even'}/m${n}.${n % 20 === 6 ? 'mjs' : 'js'}`
}

function specifier(from: string, n: number, count: number): string {
  return '../'.repeat(from.split('/').length - 1) + pathOf(n, count)
}

function codeOf(n: number, count: number): string {
  if (isData(n, count)) return JSON.stringify({ note: 'what to import, and what to export' })
  if (isSilent(n, count)) return `globalThis.m${n} = ${n}\n`
  const imported = Array.from({ length: CHILDREN }, (_, at) => n * CHILDREN + 1 + at).filter((child) => child < count)
  const further = (n * 31 + 7) % count
  if (further > n && !imported.includes(further)) imported.push(further)
  const from = pathOf(n, count)
  const lines = imported.map((child) => {
    const name = specifier(from, child, count)
    if (isSilent(child, count)) return `import '${name}'`
    return isData(child, count) ? `import m${child} from '${name}'` : `import { m${child} } from '${name}'`
  })
  const values = imported.filter((child) => !isSilent(child, count)).map((child) => `m${child}`)
  return [...lines, `export const m${n} = [${[n, ...values].join(', ')}]`, ''].join('\n')
}
