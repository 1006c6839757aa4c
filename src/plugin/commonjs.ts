/** CommonJS exports: assignments to `exports` and `module.exports` at the top level. */
import { nameOf, type Node, type Range } from './ast.ts'

/** Every `exports.a = …` and `module.exports = { a }` of a statement, chained ones included. */
export function* commonJsAssignments(
  expression: Node,
): Generator<[name: string, target: string, node: Range, value: Node]> {
  if (expression?.type !== 'AssignmentExpression' || expression.operator !== '=') return
  const { left, right } = expression
  yield* commonJsAssignments(right)
  let value = right
  while (value.type === 'AssignmentExpression') value = value.right
  if (isModuleExports(left)) {
    if (value.type !== 'ObjectExpression') return yield ['default', 'module.exports', left, value]
    for (const property of value.properties) {
      if (property.type !== 'Property' || property.computed || property.kind !== 'init') continue
      const name = nameOf(property.key)
      yield [name, `module.exports[${JSON.stringify(name)}]`, property.key, property.value]
    }
  } else if (left.type === 'MemberExpression' && (isModuleExports(left.object) || left.object.name === 'exports')) {
    if (left.computed && left.property.type !== 'Literal') return
    const name = nameOf(left.property)
    yield [name, `module.exports[${JSON.stringify(name)}]`, left.property, value]
  }
}

function isModuleExports(node: Node): boolean {
  return node.type === 'MemberExpression' && node.object.name === 'module' && node.property.name === 'exports'
}
