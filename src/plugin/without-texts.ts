/** Source code to be shown in a log, where nobody expects the keys and passwords that are written in it. */
import type { Comment, Program } from 'oxc-parser'
import type { Node } from './ast.ts'

interface Tree {
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly errors?: readonly unknown[]
}

const QUOTED = /(['"`])(?:\\.|(?!\1)[^\\\n])*\1/g

/** The code with `*` for each character of its strings, so that all else stays where it is. */
export function withoutTexts(code: string, { program, comments, errors = [] }: Tree): string {
  if (errors.length > 0) return code.replace(QUOTED, masked)
  const ranges = [...textsIn(program)].map(({ start, end, type }): [number, number] => {
    if (type !== 'TemplateElement') return [start + 1, end - 1]
    // In a module of TypeScript what delimits it is a part of it.
    const [, before, inner] = /^([`}]?)(.*?)(?:`|\$\{)?$/s.exec(code.slice(start, end))!
    return [start + before!.length, start + before!.length + inner!.length]
  })
  let result = ''
  let at = 0
  for (const [start, end] of ranges.toSorted(([a], [b]) => a - b)) {
    if (start < at || start >= end) continue
    result += code.slice(at, start) + hidden(code.slice(start, end))
    at = end
  }
  result += code.slice(at)
  // Code that somebody has turned off.
  return comments.reduce((text, { start, end }) => {
    return text.slice(0, start) + text.slice(start, end).replace(QUOTED, masked) + text.slice(end)
  }, result)
}

/** Those of strings and templates, but no names of modules and properties. */
function* textsIn(root: Program): Generator<Node> {
  const pending: Node[] = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.type === 'TemplateElement' || (node.type === 'Literal' && typeof node.value === 'string')) yield node
    const isRequire = node.type === 'CallExpression' && node.callee.name === 'require'
    for (const [key, child] of Object.entries(node)) {
      if (key === 'source' || key === 'property' || (key === 'key' && !node.computed)) continue
      if (key === 'arguments' && isRequire) continue
      for (const each of Array.isArray(child) ? child : [child]) if (typeof each?.type === 'string') pending.push(each)
    }
  }
}

function masked(quoted: string): string {
  return `${quoted[0]}${hidden(quoted.slice(1, -1))}${quoted[0]}`
}

function hidden(text: string): string {
  return text.replace(/[^\n]/g, '*')
}
