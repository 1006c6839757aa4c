/** What the nodes of a CommonJS module mean. */
import { nameOf, unwrap, type Node } from './ast.ts'

export const isExports = (node: Node): boolean => node.type === 'Identifier' && node.name === 'exports'

export function isModuleExports(node: Node): boolean {
  return node.type === 'MemberExpression' && node.object.name === 'module' && keyOf(node) === 'exports'
}

/** The name of a member or a property; undefined where only running it would tell. */
export function keyOf({ type, key, property, computed }: Node): string | undefined {
  const name = type === 'MemberExpression' ? property : key
  return computed && name.type !== 'Literal' ? undefined : nameOf(name)
}

/** `name`, or `object.name`. */
export function calleeOf(expression: Node): string {
  const { name, object, property } = expression?.type === 'CallExpression' ? unwrap(expression.callee) : {}
  return name ?? `${object?.name}.${property?.name}`
}

/** `a = b = value` */
export function flattenChain(expression: Node): { targets: Node[]; value: Node; assignments: Node[] } {
  const assignments: Node[] = []
  let value = expression
  while (value?.type === 'AssignmentExpression' && value.operator === '=') {
    assignments.push(value)
    value = unwrap(value.right)
  }
  return { targets: assignments.map(({ left }) => left), value, assignments }
}

/** `require('./a')`, `import a = require('./a')` */
export function isRequired(node: Node): boolean {
  if (node?.type === 'TSExternalModuleReference') return true
  return calleeOf(node) === 'require' && typeof node.arguments[0]?.value === 'string'
}

/** What the top level binds a name to; any other expression as it is. */
export function resolveLocal(value: Node, body: readonly Node[], depth = 0): Node {
  const node = unwrap(value)
  if (node?.type !== 'Identifier' || depth > 4) return node
  for (const statement of body) {
    if (/^(Function|Class)Declaration$/.test(statement.type) && statement.id.name === node.name) return statement
    if (statement.type === 'TSImportEqualsDeclaration' && statement.id.name === node.name) {
      return statement.moduleReference
    }
    if (statement.type !== 'VariableDeclaration') continue
    const declarator = statement.declarations.find(({ id }: Node) => id.name === node.name)
    if (declarator?.init) return resolveLocal(flattenChain(unwrap(declarator.init)).value, body, depth + 1)
  }
  return node
}
