/** Where a module assigns its own top-level bindings. Scopes are followed: a local of the same name is another one. */
import { Visitor, type Program } from 'oxc-parser'
import { boundIdentifiers, type Node, type Range } from './ast.ts'

export interface Assignment {
  /** The expression, or the loop that assigns with each turn. */
  readonly node: Range
  readonly isLoop: boolean
  /** In a function or a class: it may run after the module has. */
  readonly isLate: boolean
}

/** @param names of top-level bindings */
export function findAssignments(program: Program, names: readonly string[]): ReadonlyMap<string, Assignment[]> {
  const found = new Map<string, Assignment[]>()
  if (names.length === 0) return found
  const assigned = findAssignedNames(program)
  const wanted = new Set(names.filter((name) => assigned.has(name)))
  if (wanted.size > 0) for (const statement of program.body) visit(statement, wanted, false, found)
  return found
}

/** Of whatever scope. Most modules assign none of what they export, and need no closer look. */
function findAssignedNames(program: Program): ReadonlySet<string> {
  const assigned = new Set<string>()
  const add = (target: Node) => {
    for (const name of namesIn([target])) assigned.add(name)
  }
  new Visitor({
    AssignmentExpression: (node) => add(node.left),
    UpdateExpression: (node) => add(node.argument),
    ForInStatement: (node) => add(node.left),
    ForOfStatement: (node) => add(node.left),
  }).visit(program)
  return assigned
}

function visit(node: Node, outer: ReadonlySet<string>, isLate: boolean, found: Map<string, Assignment[]>): void {
  const locals = localsOf(node)
  const wanted = locals.length > 0 ? new Set([...outer].filter((name) => !locals.includes(name))) : outer
  const isLoop = /^For(In|Of)Statement$/.test(node.type)
  for (const name of namesIn([targetOf(node)])) {
    if (wanted.has(name)) found.set(name, [...(found.get(name) ?? []), { node, isLoop, isLate }])
  }
  const isInner = isLate || isFunction(node) || node.type === 'ClassBody'
  for (const child of childrenOf(node)) visit(child, wanted, isInner, found)
}

/** What a node assigns; a declaration in a loop's head has no names of its own. */
function targetOf({ type, left, argument }: Node): Node {
  if (type === 'UpdateExpression') return argument
  return /^(AssignmentExpression|For(In|Of)Statement)$/.test(type) ? left : undefined
}

/** The names that a node's own scope binds. */
function localsOf(node: Node): string[] {
  const { type, body } = node
  if (isFunction(node)) {
    const id = type === 'FunctionExpression' ? node.id : undefined
    return [...namesIn([id, ...node.params.map(toPattern)]), ...varsOf(body)]
  }
  if (type === 'CatchClause') return namesIn([node.param])
  if (/^Class(Declaration|Expression)$/.test(type)) return namesIn([node.id])
  if (/^For(In|Of)?Statement$/.test(type)) return declaredBy([node.init ?? node.left])
  if (type === 'SwitchStatement') return declaredBy(node.cases.flatMap(({ consequent }: Node) => consequent))
  if (/^(StaticBlock|TSModuleBlock)$/.test(type)) return [...declaredBy(body), ...body.flatMap(varsOf)]
  return type === 'BlockStatement' ? declaredBy(body) : []
}

/** What statements bind in the block that they stand in. */
function declaredBy(statements: readonly Node[]): string[] {
  return statements.flatMap((statement) => {
    const node = statement?.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (/^(Class|Function|TSEnum|TSModule)Declaration$/.test(node?.type)) return namesIn([node.id])
    return node?.type === 'VariableDeclaration' && node.kind !== 'var' ? namesIn(node.declarations.map(toId)) : []
  })
}

/** A `var` anywhere in a function is one of its locals, as one anywhere in a module is of the module's. */
export function varsOf(node: Node): string[] {
  if (!node || !/^(\w+Statement|SwitchCase|CatchClause|(Variable|ExportNamed)Declaration)$/.test(node.type)) return []
  if (node.type === 'VariableDeclaration') return node.kind === 'var' ? namesIn(node.declarations.map(toId)) : []
  return node.type === 'ExpressionStatement' ? [] : [...childrenOf(node)].flatMap(varsOf)
}

function isFunction({ type }: Node): boolean {
  return /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(type)
}

function* childrenOf(node: Node): Generator<Node> {
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (typeof child?.type === 'string') yield child
  }
}

function namesIn(patterns: readonly Node[]): string[] {
  return patterns.flatMap((pattern) => [...boundIdentifiers(pattern)].map(({ name }) => name))
}

const toId = ({ id }: Node): Node => id
/** `constructor(private handler)`, `...rest` */
const toPattern = (parameter: Node): Node => parameter.parameter ?? parameter.argument ?? parameter
