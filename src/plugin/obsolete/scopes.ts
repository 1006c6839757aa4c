/** Which variable an identifier is, and where each is used: of one module, in all of its scopes. */
import { visitorKeys, type Program } from 'oxc-parser'
import { boundIdentifiers, type Node } from '../ast.ts'

export interface Variable {
  readonly name: string
  readonly kind: 'import' | 'variable' | 'function' | 'parameter' | 'other'
  /** The identifier that binds it. */
  readonly id: Node
  /** An import specifier, a declarator, a function, or what else declares it. */
  readonly declaration: Node
  /** What it is set to after that; undefined: in a way that is not looked at. */
  readonly writes: (Node | undefined)[]
  readonly references: Node[]
}

export interface Scopes {
  variableOf(identifier: Node): Variable | undefined
  parentOf(node: Node): Node
  /** Each node of the module, outer ones first. */
  readonly nodes: readonly Node[]
}

type Scope = { readonly names: Map<string, Variable>; readonly outer: Scope | undefined }

export function findScopes(program: Program): Scopes {
  const parents = new Map<Node, Node>()
  const variables = new Map<Node, Variable>()
  const nodes: Node[] = []
  const declaring = new Set<Node>()
  const pending: [identifier: Node, scope: Scope | undefined][] = []
  const visit = (node: Node, outer: Scope | undefined): void => {
    nodes.push(node)
    let scope = outer
    const declared = SCOPES.has(node.type) ? [...declarationsOf(node)] : []
    if (declared.length > 0) {
      scope = { names: new Map(), outer }
      for (const [id, kind, declaration] of declared) {
        declaring.add(id)
        const known = scope.names.get(id.name)
        const variable = known ?? { name: id.name, kind, id, declaration, writes: [], references: [] }
        // Declared twice, it is whatever was last assigned.
        if (known) known.writes.push(declaration.init ?? undefined)
        scope.names.set(id.name, variable)
        variables.set(id, variable)
      }
    }
    if (node.type === 'Identifier' || node.type === 'JSXIdentifier') pending.push([node, scope])
    for (const child of childrenOf(node)) {
      parents.set(child, node)
      visit(child, scope)
    }
  }
  visit(program, undefined)
  for (const [identifier, scope] of pending) {
    if (declaring.has(identifier) || !isReference(identifier, parents.get(identifier))) continue
    let at = scope
    while (at && !at.names.has(identifier.name)) at = at.outer
    const variable = at?.names.get(identifier.name)
    if (!variable) continue
    variables.set(identifier, variable)
    variable.references.push(identifier)
    const write = writeTo(identifier, parents)
    if (write) variable.writes.push(write.value)
  }
  return { variableOf: (node) => variables.get(node), parentOf: (node) => parents.get(node), nodes }
}

/** `{ a }` has its one identifier twice. */
function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const value = key === 'key' && node.shorthand ? undefined : node[key]
    if (Array.isArray(value)) children.push(...value.filter(Boolean))
    else if (value) children.push(value)
  }
  return children
}

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** What has names of its own. */
const SCOPES = new Set([
  ...FUNCTIONS,
  'CatchClause',
  'ClassExpression',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'SwitchStatement',
  'Program',
  'BlockStatement',
  'StaticBlock',
  'TSModuleBlock',
])

export function isFunction(node: Node): boolean {
  return FUNCTIONS.has(node?.type)
}

export function isInFunction(node: Node, { parentOf }: Scopes): boolean {
  for (let at = parentOf(node); at; at = parentOf(at)) if (isFunction(at)) return true
  return false
}

type Declared = [id: Node, kind: Variable['kind'], declaration: Node]

/** What a node's own scope binds. */
function* declarationsOf(node: Node): Generator<Declared> {
  const { type, body } = node
  if (isFunction(node)) {
    if (type === 'FunctionExpression' && node.id) yield [node.id, 'function', node]
    for (const parameter of node.params) {
      const pattern = parameter.parameter ?? parameter.argument ?? parameter
      for (const id of boundIdentifiers(pattern)) yield [id, 'parameter', node]
    }
    yield* varsIn(body)
  } else if (type === 'CatchClause') {
    for (const id of boundIdentifiers(node.param)) yield [id, 'other', node]
  } else if (type === 'ClassExpression' && node.id) yield [node.id, 'other', node]
  else if (/^For(In|Of)?Statement$/.test(type)) yield* declaredBy([node.init ?? node.left])
  else if (type === 'SwitchStatement') yield* declaredBy(node.cases.flatMap(({ consequent }: Node) => consequent))
  else if (/^(Program|BlockStatement|StaticBlock|TSModuleBlock)$/.test(type)) {
    yield* declaredBy(body)
    if (type !== 'BlockStatement') yield* varsIn(node)
  }
}

function* declaredBy(statements: readonly Node[]): Generator<Declared> {
  for (const statement of statements) {
    const node = (/^Export(Named|Default)/.test(statement?.type) && statement.declaration) || statement
    if (node?.type === 'ImportDeclaration') {
      for (const specifier of node.specifiers) yield [specifier.local, 'import', specifier]
    } else if (node?.type === 'FunctionDeclaration' && node.id) yield [node.id, 'function', node]
    else if (/^(Class|TS\w+)Declaration$/.test(node?.type) && node.id?.name) yield [node.id, 'other', node]
    else if (node?.type === 'VariableDeclaration' && node.kind !== 'var') yield* declarators(node)
  }
}

function* declarators({ declarations }: Node): Generator<Declared> {
  for (const declarator of declarations) {
    for (const id of boundIdentifiers(declarator.id)) yield [id, 'variable', declarator]
  }
}

/** A `var` anywhere in a function is one of its locals. */
function* varsIn(node: Node): Generator<Declared> {
  if (node?.type === 'VariableDeclaration' && node.kind === 'var') yield* declarators(node)
  for (const child of node ? childrenOf(node) : []) {
    if (!isFunction(child) && child.type !== 'ClassBody') yield* varsIn(child)
  }
}

/** And not the name of a property, of a label, or of what another module calls it. */
function isReference(node: Node, parent: Node): boolean {
  if (!parent) return false
  if (parent.property === node) return parent.computed
  if (parent.type === 'JSXAttribute' || parent.type === 'JSXMemberExpression') return parent.object === node
  if (parent.key === node) return parent.computed || parent.shorthand
  if (parent.type === 'ExportSpecifier') return parent.local === node
  return !(
    /^(Import\w*Specifier|MetaProperty)$/.test(parent.type) ||
    parent.label === node ||
    (parent.right === node && parent.type === 'TSQualifiedName')
  )
}

/** Undefined: it is only read. */
function writeTo(identifier: Node, parents: ReadonlyMap<Node, Node>): { value: Node | undefined } | undefined {
  const parent = parents.get(identifier)
  if (parent?.type === 'AssignmentExpression' && parent.left === identifier) {
    return { value: /^(\?\?|\|\|)?=$/.test(parent.operator) ? parent.right : undefined }
  }
  if (parent?.type === 'UpdateExpression') return { value: undefined }
  let [node, above] = [identifier, parent]
  while (above && /^(ArrayPattern|ObjectPattern|AssignmentPattern|RestElement|Property)$/.test(above.type)) {
    if (above.type === 'AssignmentPattern' && above.right === node) return undefined
    ;[node, above] = [above, parents.get(above)]
  }
  const isTarget = above?.left === node && /^(AssignmentExpression|For(In|Of)Statement)$/.test(above.type)
  return isTarget ? { value: undefined } : undefined
}
