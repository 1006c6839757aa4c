/** Source code to be shown in a log, where nobody expects the keys and passwords that are written in it. */
import type { Comment, Program } from 'oxc-parser'
import type { Node } from './ast.ts'

interface Tree {
  readonly program: Program
  readonly comments: readonly Comment[]
}

const IN_TEMPLATE = /^([`}]?)(.*?)(?:`|\$\{)?$/s
const IN_QUOTES = /^(.)(.*).$/s
const QUOTED = /(['"`])(?:\\.|(?!\1)[^\\\n])*\1/g

/**
 * The code with `*` for each character of its strings, so that all else stays where it is.
 * @param tree undefined: it cannot be parsed
 */
export function withoutTexts(code: string, tree: Tree | undefined): string {
  if (!tree) return code.replace(QUOTED, masked)
  const parts: string[] = []
  let at = 0
  for (const [start, end, text] of [...textsIn(tree.program, code), ...textsOf(tree, code)].toSorted(byStart)) {
    if (start < at) continue
    parts.push(code.slice(at, start), text)
    at = end
  }
  return [...parts, code.slice(at)].join('')
}

/** What stands there instead. */
type Edit = readonly [start: number, end: number, text: string]

const byStart = ([one]: Edit, [other]: Edit) => one - other

/** Code that somebody has turned off. */
function textsOf({ comments }: Tree, code: string): Edit[] {
  return comments.map(({ start, end }) => [start, end, code.slice(start, end).replace(QUOTED, masked)])
}

/** Those of strings and templates, but no names of modules and properties. */
function* textsIn(root: Program, code: string): Generator<Edit> {
  const pending: Node[] = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.type === 'TemplateElement' || (node.type === 'Literal' && typeof node.value === 'string'))
      yield toEdit(node, code)
    const isRequire = node.type === 'CallExpression' && node.callee.name === 'require'
    for (const [key, child] of Object.entries(node)) {
      if (key === 'source' || key === 'property' || (key === 'key' && !node.computed)) continue
      if (key === 'arguments' && isRequire) continue
      for (const each of Array.isArray(child) ? child : [child]) if (typeof each?.type === 'string') pending.push(each)
    }
  }
}

function toEdit({ type, start, end }: Node, code: string): Edit {
  // In a module of TypeScript what delimits a part of a template is a part of it.
  const [, before, inner] = (type === 'TemplateElement' ? IN_TEMPLATE : IN_QUOTES).exec(code.slice(start, end))!
  const from = start + before!.length
  return [from, from + inner!.length, hidden(inner!)]
}

function masked(quoted: string): string {
  return `${quoted[0]}${hidden(quoted.slice(1, -1))}${quoted[0]}`
}

function hidden(text: string): string {
  return text.replace(/[^\n]/g, '*')
}
