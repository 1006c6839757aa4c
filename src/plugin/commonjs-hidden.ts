/** What a CommonJS module exports below its top level, or by a call: whether it does, only running it tells. */
import { Visitor, type Program } from 'oxc-parser'
import { boundIdentifiers, unwrap, type Node, type Range } from './ast.ts'
import type { OpenExport } from './commonjs.ts'
import { calleeOf, flattenChain, isModuleExports, keyOf } from './commonjs-nodes.ts'

export interface HiddenExports {
  readonly values: readonly { readonly name: string; readonly node: Range }[]
  readonly open: readonly OpenExport[]
  /** The object may be another one in the end, has lost a member, or is given to a function, that may freeze it. */
  readonly isWhole: boolean
  readonly isOwn: boolean
  /** A `return` that ends the module. */
  readonly returned?: Range | undefined
}

export const NOTHING_HIDDEN: HiddenExports = { values: [], open: [], isWhole: false, isOwn: true }

/** They export what their last argument has, SWC's and esbuild's by getters. */
const ASSIGN = new Set(['Object.assign', 'Object.defineProperties', '_export', '__export'])
/** They export nothing. */
const LOOK = /^(console\.\w+|Object\.(freeze|seal|preventExtensions|keys|values|entries|getOwnPropertyNames))$/

/**
 * @param read what the top level was read of already
 * @param isTarget `exports`, `module.exports`, or a variable that is
 */
export function findHiddenExports(
  program: Program,
  read: ReadonlySet<Node>,
  isTarget: (node: Node) => boolean,
): HiddenExports {
  const values: { name: string; node: Range }[] = []
  const open: OpenExport[] = []
  let isWhole = false
  let isOwn = true
  // `function (exports) {}` has another one.
  let shadows = 0
  const shadow = ({ params }: Node) => params.some((param: Node) => [...boundIdentifiers(param)].some(isOurName))
  let functions = 0
  let returned: Range | undefined
  const enter = (node: Node) => {
    functions++
    if (shadow(node)) shadows++
  }
  const exit = (node: Node) => {
    functions--
    if (shadow(node)) shadows--
  }

  const addObject = (node: Node) => {
    for (const property of node.properties) {
      const name = property.type === 'Property' ? keyOf(property) : undefined
      if (name === undefined) open.push({ start: property.start })
      else values.push({ name, node: property.key })
    }
  }
  const assign = (target: Node, value: Node, start: number) => {
    if (isModuleExports(target)) {
      isWhole = true
      const { value: made } = flattenChain(unwrap(value))
      if (made?.type === 'ObjectExpression') addObject(made)
      else {
        isOwn = false
        open.push({ start })
      }
    } else if (target.type === 'MemberExpression' && isTarget(target.object)) {
      const name = keyOf(target)
      if (name === undefined) open.push({ start })
      else values.push({ name, node: target.property })
    }
  }

  new Visitor({
    FunctionDeclaration: enter,
    'FunctionDeclaration:exit': exit,
    FunctionExpression: enter,
    'FunctionExpression:exit': exit,
    ArrowFunctionExpression: enter,
    'ArrowFunctionExpression:exit': exit,
    ReturnStatement(node: Node) {
      if (functions === 0) returned ??= node
    },
    UnaryExpression({ operator, argument }: Node) {
      const owner = operator === 'delete' && shadows === 0 ? unwrap(unwrap(argument)?.object) : undefined
      // An assignment at the end would bring it back.
      if (owner && isTarget(owner)) isWhole = true
    },
    AssignmentExpression(node: Node) {
      if (shadows > 0 || read.has(node)) return
      for (const target of targetsOf(node.left)) assign(target, node.right, node.start)
    },
    CallExpression(node: Node) {
      const args: Node[] = node.arguments
      if (shadows > 0 || read.has(node) || !args.some((arg) => isTarget(arg) || arg.name === 'module')) return
      isWhole = true
      const callee = calleeOf(node)
      if (LOOK.test(callee)) return
      if (callee === 'Object.defineProperty' && args[1]?.type === 'Literal') {
        return void values.push({ name: String(args[1].value), node: args[1] })
      }
      const isRead = ASSIGN.has(callee) && isTarget(args[0]!)
      for (const arg of isRead ? args.slice(1) : []) {
        if (arg.type === 'ObjectExpression') addObject(arg)
        else open.push({ start: node.start })
      }
      if (!isRead) open.push({ start: node.start })
    },
  }).visit(program)
  return { values, open, isWhole, isOwn, returned }
}

const isOurName = ({ name }: Node) => name === 'exports' || name === 'module'

/** The members that a pattern assigns to. */
function targetsOf(pattern: Node): Node[] {
  if (!pattern) return []
  const target = unwrap(pattern)
  if (target.type === 'AssignmentPattern') return targetsOf(target.left)
  const inner: Node[] = target.properties ?? target.elements
  return inner ? inner.flatMap((each) => targetsOf(each?.value ?? each?.argument ?? each)) : [target]
}
