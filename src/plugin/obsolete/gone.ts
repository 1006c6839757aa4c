/** Which statements go with what is removed: what would be left of them does nothing. */
import { unwrap, type Node } from '../ast.ts'
import { isFunction, type Scopes } from './scopes.ts'

export interface Gone {
  /** None is inside another. */
  readonly statements: readonly Node[]
  /** Of `try` statements that stay: their `finally` is empty. */
  readonly finalizers: readonly Node[]
  /** Statement → why it stays after all. */
  readonly kept: ReadonlyMap<Node, string>
}

export function findGone(removed: readonly Node[], scopes: Scopes): Gone {
  const gone = new Set(removed)
  const kept = new Map<Node, string>()
  const { parentOf } = scopes
  const isGone = (statement: Node): boolean =>
    gone.has(statement) || (statement.type === 'BlockStatement' && isEmptied(statement))
  const isEmptied = ({ body }: Node) => body.length > 0 && body.every(isGone)
  /** Outwards, as far as nothing is left. */
  const rise = (statement: Node): void => {
    const parent = parentOf(statement)
    if (parent.type === 'IfStatement') {
      if (parent.consequent === statement && !parent.alternate && isPure(parent.test)) return goesToo(parent)
      const isOnlyRun = statement.type === 'BlockStatement' && isEmptied(statement) && !isPure(parent.test)
      if (isOnlyRun) keep(statement, 'nothing would be left of what its condition leads to')
      else if (statement.type !== 'BlockStatement') keep(statement, 'an else or a condition hangs on it')
    } else if (parent.type === 'BlockStatement') {
      if (isEmptied(parent)) rise(parent)
    } else if (parent.type === 'TryStatement') {
      const { block, finalizer } = parent
      if (block === statement && (!finalizer || isEmptied(finalizer))) goesToo(parent)
      else if (finalizer === statement && (block.body.length === 0 || isEmptied(block))) goesToo(parent)
    } else if (isFunction(parent)) keep(statement, 'nothing would be left of its function')
    else if (!LISTS.test(parent.type)) keep(statement, `it is all that the ${wordFor(parent)} does`)
  }
  const goesToo = (statement: Node) => {
    gone.add(statement)
    rise(statement)
  }
  const keep = (node: Node, why: string) => {
    for (const statement of removed) if (isIn(statement, node)) kept.set(statement, why)
  }
  for (const statement of removed) rise(statement)
  if (kept.size > 0) {
    const rest = findGone(
      removed.filter((statement) => !kept.has(statement)),
      scopes,
    )
    return { ...rest, kept: new Map([...kept, ...rest.kept]) }
  }
  const statements = [...gone].filter((each) => ![...gone].some((other) => other !== each && isIn(each, other)))
  const finalizers = scopes.nodes.filter(
    (node) =>
      node.type === 'TryStatement' &&
      node.finalizer &&
      isEmptied(node.finalizer) &&
      !statements.some((each) => isIn(node, each)),
  )
  return { statements, finalizers, kept }
}

const LISTS = /^(Program|SwitchCase|StaticBlock|TSModuleBlock|CatchClause)$/

function wordFor({ type }: Node): string {
  return /^(For|While|DoWhile)/.test(type) ? 'loop' : 'statement around it'
}

export function isIn(inner: Node, outer: Node): boolean {
  return inner.start >= outer.start && inner.end <= outer.end
}

/** Whether evaluating it does nothing else; what a getter does is not looked at. */
export function isPure(expression: Node): boolean {
  const node = unwrap(expression)
  const { type } = node
  if (/^(Identifier|Literal|ThisExpression)$/.test(type) || isFunction(node)) return true
  if (type === 'ObjectExpression') {
    return node.properties.every((each: Node) => each.type === 'Property' && !each.computed && isPure(each.value))
  }
  if (type === 'ChainExpression') return isPure(node.expression)
  if (type === 'MemberExpression') return isPure(node.object) && (!node.computed || isPure(node.property))
  if (type === 'UnaryExpression') return node.operator !== 'delete' && isPure(node.argument)
  return /^(Logical|Binary)Expression$/.test(type) && isPure(node.left) && isPure(node.right)
}
