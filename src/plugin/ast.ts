/** Small questions to the syntax tree. */
import type { Comment } from 'oxc-parser'

// ESTree as oxc-parser types it is a union of 160 nodes; the walks narrow by `type` alone.
// oxlint-disable-next-line typescript/no-explicit-any
export type Node = any

/** UTF-16 offsets, as magic-string takes them. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The identifiers that a pattern binds or assigns. */
export function* boundIdentifiers(pattern: Node): Generator<Node> {
  if (!pattern) return
  const target = unwrap(pattern)
  if (target.type === 'Identifier') yield target
  for (const property of target.properties ?? []) yield* boundIdentifiers(property.value ?? property.argument)
  for (const element of target.elements ?? []) yield* boundIdentifiers(element?.argument ?? element)
  if (target.type === 'AssignmentPattern') yield* boundIdentifiers(target.left)
}

/** Whether the source shows a function; undefined where only running it would tell. */
export function functionness(value: Node): boolean | undefined {
  const { type = '', operator } = unwrap(value) ?? {}
  if (/Function/.test(type)) return true
  // `void 0` is how tsc announces an export.
  if (type === 'UnaryExpression' && operator !== 'void') return false
  return /^(Literal|TemplateLiteral|JSX\w+|Class\w+|(Object|Array|New|Binary|Update)Expression)$/.test(type)
    ? false
    : undefined
}

/** Without parentheses and type assertions. */
export function unwrap(node: Node): Node {
  return node && /^(TS(As|Satisfies|NonNull|TypeAssertion|Instantiation)|Parenthesized)/.test(node.type)
    ? unwrap(node.expression)
    : node
}

/** An identifier's name, or a string literal's value. */
export function nameOf(node: Node): string {
  return node.name ?? String(node.value)
}

/** Where a token stands at or after `from`, outside comments. */
export function findToken(token: string, from: number, code: string, comments: readonly Comment[]): number {
  const at = code.indexOf(token, from)
  const comment = lastComment(comments, at)
  return comment && at < comment.end ? findToken(token, comment.end, code, comments) : at
}

/** The last one that starts at or before `at`. */
export function lastComment(comments: readonly Comment[], at: number): Comment | undefined {
  let [low, high] = [0, comments.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (comments[middle]!.start <= at) low = middle + 1
    else high = middle
  }
  return comments[low - 1]
}
