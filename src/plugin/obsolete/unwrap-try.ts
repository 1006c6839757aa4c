/** `try { … } finally {}` without what was in its `finally`. */
import type { MagicString } from 'magic-string'
import { boundIdentifiers, type Node } from '../ast.ts'
import { isIn } from './gone.ts'
import { wouldJoin } from './lines.ts'
import type { Module } from './modules.ts'

/** @returns why it cannot be written; undefined: it is */
export function removeFinalizer(
  statement: Node,
  module: Module,
  removed: readonly Node[],
  edits: MagicString,
): string | undefined {
  const { block, handler, finalizer } = statement
  if (handler) {
    edits.remove(handler.end, finalizer.end)
    return undefined
  }
  if (module.scopes.parentOf(statement).type !== 'BlockStatement') return 'its try stands in no block'
  const clash = findClash(statement, module, removed)
  if (clash !== undefined) return `without its try, '${clash}' would be another variable`
  const { code } = module
  const body = { start: block.start + 1, end: block.end - 1 }
  if (wouldJoin(module, removed, statement.start, body.start) || wouldJoin(module, removed, body.end, statement.end)) {
    return 'without its try, lines that have no semicolon would be one'
  }
  const lineStart = code.lastIndexOf('\n', statement.start) + 1
  const isOnLines =
    code.slice(lineStart, statement.start).trim() === '' &&
    /^[^\S\n]*\r?\n/.test(code.slice(body.start)) &&
    /\n[^\S\n]*$/.test(code.slice(0, body.end))
  if (!isOnLines) {
    const inner = code.slice(body.start, body.end)
    edits.remove(statement.start, body.start + inner.length - inner.trimStart().length)
    edits.remove(body.start + inner.trimEnd().length, statement.end)
    return undefined
  }
  const firstLine = code.indexOf('\n', body.start) + 1
  edits.remove(lineStart, firstLine)
  const rest = /^[^\S\n]*(?:\n|$)/.exec(code.slice(statement.end))?.[0] ?? ''
  const lastLine = code.lastIndexOf('\n', body.end - 1) + 1
  edits.remove(lastLine, statement.end + rest.length)
  dedent(statement, firstLine, lastLine, module, removed, edits)
  return undefined
}

/** The block's own names would be those of what is around it. */
function findClash(statement: Node, { scopes }: Module, removed: readonly Node[]): string | undefined {
  const names = statement.block.body.flatMap((each: Node) => {
    const ids = each.declarations?.map(({ id }: Node) => id) ?? [each.id]
    return ids.flatMap((id: Node) => [...boundIdentifiers(id)].map(({ name }) => name))
  })
  const around = scopes.parentOf(statement)
  const holder = scopes.parentOf(around)
  const isAround = (node: Node) => isIn(node, holder) && ![statement, ...removed].some((each) => isIn(node, each))
  return names.find((name: string) =>
    scopes.nodes.some((node) => node.type === 'Identifier' && node.name === name && isAround(node)),
  )
}

/** Not what is inside a string or a comment of several lines. */
function dedent(
  statement: Node,
  from: number,
  to: number,
  { code, comments, scopes }: Module,
  removed: readonly Node[],
  edits: MagicString,
): void {
  const [outer = ''] = /^[^\S\n]*/.exec(code.slice(code.lastIndexOf('\n', statement.start) + 1)) ?? []
  const [first] = statement.block.body
  const inner = code.slice(code.lastIndexOf('\n', first.start) + 1, first.start)
  if (inner.trim() !== '' || !inner.startsWith(outer)) return
  const step = inner.slice(outer.length)
  const literals = scopes.nodes.filter(({ type }) => /^(Literal|TemplateLiteral|TemplateElement|JSXText)$/.test(type))
  const fixed = [...literals, ...comments, ...removed].filter((each) => code.slice(each.start, each.end).includes('\n'))
  for (let at = from; at < to; at = code.indexOf('\n', at) + 1) {
    if (fixed.some(({ start, end }) => start < at && at < end)) continue
    if (step && code.startsWith(inner, at)) edits.remove(at + outer.length, at + inner.length)
  }
}
