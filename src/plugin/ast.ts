/** Small questions to the syntax tree. */

// ESTree as oxc-parser types it is a union of 160 nodes; the walks narrow by `type` alone.
// oxlint-disable-next-line typescript/no-explicit-any
export type Node = any

/** UTF-16 offsets, as magic-string takes them. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** The identifiers that a pattern binds. */
export function* boundIdentifiers(pattern: Node): Generator<Node> {
  if (!pattern) return
  if (pattern.type === 'Identifier') yield pattern
  for (const property of pattern.properties ?? []) yield* boundIdentifiers(property.value ?? property.argument)
  for (const element of pattern.elements ?? []) yield* boundIdentifiers(element?.argument ?? element)
  if (pattern.type === 'AssignmentPattern') yield* boundIdentifiers(pattern.left)
}

/** Whether the source shows a function; undefined where only running it would tell. */
export function functionness(value: Node): boolean | undefined {
  const { type } = unwrap(value) ?? {}
  if (/Function/.test(type)) return true
  return /^(CallExpression|Identifier|MemberExpression|ConditionalExpression|LogicalExpression|AwaitExpression)$/.test(
    type,
  )
    ? undefined
    : false
}

/** Without parentheses and type assertions. */
export function unwrap(node: Node): Node {
  return node && /^(TS(As|Satisfies|NonNull|TypeAssertion)|Parenthesized)/.test(node.type)
    ? unwrap(node.expression)
    : node
}

/** An identifier's name, or a string literal's value. */
export function nameOf(node: Node): string {
  return node.name ?? String(node.value)
}
