/** CommonJS exports: assignments to `exports` and `module.exports` at the top level. */
import { Visitor, type Program } from 'oxc-parser'
import { nameOf, unwrap, type Node, type Range } from './ast.ts'

export interface CommonJsExport {
  readonly name: string
  readonly node: Range
  readonly statement: Range
  /** The expression that holds the value. */
  readonly target: string
  readonly value: Node
  /** Set where an assignment at the end of the module would not do. */
  readonly why: string | undefined
}

const BUNDLED = 'a getter that a bundler or compiler made: wrap the source it was made from'

/** Every export by name; of several assignments the last one counts (tsc begins with `exports.a = void 0`). */
export function findCommonJsExports(body: readonly Node[]): CommonJsExport[] {
  const found = new Map<string, CommonJsExport>()
  // After `module.exports = …` alone, `exports` is an object that nobody sees.
  let isDetached = false
  for (const statement of body) {
    const add = (name: string, node: Range, value: Node, why?: string, target = member(name)) =>
      found.set(name, { name, node, statement, target, value, why })
    for (const expression of expressionsOf(statement)) {
      const [object, key] = calleeOf(expression) === 'Object.defineProperty' ? expression.arguments : []
      if (object && (isExports(object) || isModuleExports(object)) && key?.type === 'Literal') {
        add(nameOf(key), key, undefined, BUNDLED)
      }
      // esbuild's note to cjs-module-lexer, `0 && (module.exports = { a })`: the exports are getters.
      const isNote = expression?.type === 'LogicalExpression'
      const { targets, value } = flattenChain(unwrap(isNote ? expression.right : expression))
      const whole = targets.find(isModuleExports)
      if (whole && !isExports(value)) {
        found.clear()
        isDetached = !isNote && !targets.some(isExports)
        const why =
          calleeOf(value) === 'require' ? 'the exports of another module: export the handler by name' : undefined
        if (value.type !== 'ObjectExpression') add('default', whole, value, why, 'module.exports')
        for (const property of value.properties ?? []) {
          if (property.type !== 'Property' || property.computed) continue
          const why = isNote ? BUNDLED : property.kind === 'init' ? undefined : 'a getter'
          add(nameOf(property.key), property.key, property.value, why)
        }
      }
      for (const { type, object, property, computed } of targets) {
        if (type !== 'MemberExpression' || (computed && property.type !== 'Literal')) continue
        if (isModuleExports(object) || (isExports(object) && !isDetached)) add(nameOf(property), property, value)
      }
    }
  }
  return [...found.values()]
}

/** The last assignment that only running the module would tell: in a function, by `Object.assign(exports, …)`. */
export function findHiddenExports(program: Program): { why: string; start: number }[] {
  const starts: number[] = []
  const isEither = (node: Node) => isExports(node) || isModuleExports(node)
  new Visitor({
    AssignmentExpression({ left, start }: Node) {
      if (isEither(left) || (left.type === 'MemberExpression' && isEither(left.object))) starts.push(start)
    },
    CallExpression(node: Node) {
      if (node.arguments.some(isEither) && calleeOf(node) !== 'Object.defineProperty') starts.push(node.start)
    },
  }).visit(program)
  return starts
    .slice(-1)
    .map((start) => ({ why: 'not assigned to `exports.<name>` at the top level of the module', start }))
}

/**
 * Neither a CommonJS nor an ES module: nothing of either is in it. What is added makes it an ES module, which is how
 * bundlers read it anyway.
 */
export function isScript(program: Program, path: string): boolean {
  let found = /\.c[jt]s$/.test(path)
  new Visitor({
    Identifier({ name }: Node) {
      found ||= /^(require|module|exports|__filename|__dirname)$/.test(name)
    },
    TSImportEqualsDeclaration() {
      found = true
    },
  }).visit(program)
  return !found
}

function expressionsOf(statement: Node): Node[] {
  if (statement.type === 'VariableDeclaration') return statement.declarations.map(({ init }: Node) => unwrap(init))
  const expression = statement.type === 'ExpressionStatement' ? unwrap(statement.expression) : undefined
  return expression?.type === 'SequenceExpression' ? expression.expressions : [expression]
}

/** `a = b = value` */
function flattenChain(expression: Node): { targets: Node[]; value: Node } {
  const targets: Node[] = []
  let value = expression
  while (value?.type === 'AssignmentExpression' && value.operator === '=') {
    targets.push(value.left)
    value = unwrap(value.right)
  }
  return { targets, value }
}

const member = (name: string) => `module.exports[${JSON.stringify(name)}]`

const isExports = (node: Node) => node.type === 'Identifier' && node.name === 'exports'

function isModuleExports(node: Node): boolean {
  return node.type === 'MemberExpression' && node.object.name === 'module' && node.property.name === 'exports'
}

function calleeOf(expression: Node): string {
  const { name, object, property } = expression?.type === 'CallExpression' ? expression.callee : {}
  return name ?? `${object?.name}.${property?.name}`
}
