/** What users call by hand, as its published types have it: names, shapes, and a description of each. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, type Comment, type Statement } from 'oxc-parser'
import { describe, expect, test } from 'vitest'
import { platformIds } from '../src/plugin/known-platforms.ts'

const dist = path.resolve(import.meta.dirname, '../dist/runtime')

interface Range {
  readonly start: number
  readonly end: number
}
/** Of what a declaration file exports. */
interface Declared {
  /** Without comments, on one line. */
  readonly text: string
  /** Itself and its members. */
  readonly described: Readonly<Record<string, boolean>>
}

/** Follows a name to where it is declared: which chunk that is, is the bundler's business. */
function find(file: string, exported: string): Declared {
  const code = readFileSync(file, 'utf8')
  const { program, comments } = parseSync(file, code)
  const local = exportsOf(program.body).get(exported)!
  for (const node of program.body) {
    if (node.type === 'ImportDeclaration') {
      const source = node.source.value
      const imported = node.specifiers.find((specifier) => specifier.local.name === local)
      if (imported?.type !== 'ImportSpecifier') continue
      const { imported: name } = imported
      return find(path.resolve(path.dirname(file), source.replace(/\.js$/, '.d.ts')), 'name' in name ? name.name : '')
    }
    if (!('id' in node) || !node.id || !('name' in node.id) || node.id.name !== local) continue
    return describeNode(code, comments, node, exported)
  }
  throw new Error(`${exported} is not declared in ${file}`)
}

function describeNode(code: string, comments: readonly Comment[], node: Statement, name: string): Declared {
  const members = node.type === 'TSInterfaceDeclaration' ? node.body.body : []
  const keyed = members.flatMap((member) =>
    'key' in member && 'name' in member.key ? [[String(member.key.name), member] as const] : [],
  )
  const isDescribed = ({ start }: Range) =>
    comments.some(({ value, end }) => value.startsWith('*') && code.slice(end, start).trim() === '')
  return {
    text: code
      .slice(node.start, node.end)
      .replace(/\/\*.*?\*\//gs, '')
      .replace(/\s+/g, ' '),
    described: Object.fromEntries(
      [[name, node as Range] as const, ...keyed].map(([key, range]) => [key, isDescribed(range)]),
    ),
  }
}

/** Exported name → local name. */
function exportsOf(body: readonly Statement[]): Map<string, string> {
  const nameOf = (node: object) => ('name' in node ? String(node.name) : '')
  return new Map(
    body.flatMap((node) =>
      node.type === 'ExportNamedDeclaration'
        ? node.specifiers.map(({ exported, local }) => [nameOf(exported), nameOf(local)] as const)
        : [],
    ),
  )
}

/** Kinds are what the plugin emits imports of. */
const BY_HAND = /^(wrapHandler|(Next)?WrapOptions)$/

describe.each(['index', ...platformIds])('%s', (name) => {
  const file = path.join(dist, `${name}.d.ts`)
  const names = [...exportsOf(parseSync(file, readFileSync(file, 'utf8')).program.body).keys()]
    .filter((exported) => name === 'index' || BY_HAND.test(exported))
    .toSorted()

  test('names and types', () => {
    expect(Object.fromEntries(names.map((exported) => [exported, find(file, exported).text]))).toMatchSnapshot()
  })

  test('each of them is described', () => {
    const described = names.flatMap((exported) => Object.entries(find(file, exported).described))
    expect(described.filter(([, isDescribed]) => !isDescribed)).toEqual([])
    expect(described.length).toBeGreaterThan(1)
  })
})
