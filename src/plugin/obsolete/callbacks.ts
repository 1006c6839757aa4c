/** A function that a module hands over when it is loaded: to the platform, or to a timer, a server, a scheduler. */
import type { Node } from '../ast.ts'
import { isIn } from './gone.ts'
import type { Module } from './modules.ts'
import type { Names } from './reach.ts'
import { isFunction, isInFunction, type Variable } from './scopes.ts'
import { strip } from './values.ts'

/** What is given to these is called by the platform, and wrapped where it is given. */
const REGISTRARS = /^(@azure\/functions|@google-cloud\/functions-framework|firebase-functions(\/.*)?)$/

/**
 * Whether what calls a function may be no wrapped handler.
 * @param node in the function
 * @param names of the module's exports that are wrapped
 */
export function isCalledByOthers(node: Node, module: Module, names: Names): boolean {
  const { parentOf, variableOf } = module.scopes
  let outer: Node
  for (let at = node; at; at = parentOf(at)) if (isFunction(at)) outer = at
  const id = outer.id ?? parentOf(outer)?.id
  const references: readonly Node[] = (id?.type === 'Identifier' && variableOf(id)?.references) || []
  return [outer, ...references].some((each) => {
    const call = isInFunction(each, module.scopes) ? undefined : receiverOf(each, module)
    return call !== undefined && !isRegistrar(call, module) && !isExported(call, module, names, new Set())
  })
}

/** The call at the top level that it is an argument of, or in one. */
function receiverOf(node: Node, { scopes }: Module): Node | undefined {
  let at = node
  for (let parent = scopes.parentOf(at); parent; [at, parent] = [parent, scopes.parentOf(parent)]) {
    if (/^(Call|New)Expression$/.test(parent.type) && parent.callee !== at) return parent
  }
  return undefined
}

function rootOf(expression: Node): Node {
  const node = strip(expression)
  if (node?.type === 'MemberExpression') return rootOf(node.object)
  return /^(Call|New)Expression$/.test(node?.type) ? rootOf(node.callee) : node
}

function isRegistrar(call: Node, { scopes }: Module): boolean {
  const root = rootOf(call)
  const variable = scopes.variableOf(root)
  // https://developer.mozilla.org/docs/Web/API/ServiceWorkerGlobalScope
  if (!variable) return strip(call.callee).name === 'addEventListener' || isGlobalListener(strip(call.callee))
  const { kind, declaration } = variable
  const source = kind === 'import' ? scopes.parentOf(declaration)?.source : requiredBy(declaration)
  return REGISTRARS.test(source?.value ?? '')
}

function isGlobalListener({ object, property }: Node): boolean {
  return /^(self|globalThis)$/.test(object?.name ?? '') && property?.name === 'addEventListener'
}

function requiredBy({ init }: Node): Node | undefined {
  const call = init && rootCall(strip(init))
  return call?.callee.name === 'require' ? call.arguments[0] : undefined
}

/** `require('…').app` */
function rootCall(node: Node): Node | undefined {
  if (node?.type === 'MemberExpression') return rootCall(strip(node.object))
  return node?.type === 'CallExpression' ? node : undefined
}

/** Whether it makes a wrapped handler, or the app that one is made of: `app.get('/', …)` and `export default app`. */
function isExported(node: Node, module: Module, names: Names, seen: Set<Variable>): boolean {
  const { program, scopes } = module
  const isUsed = (id: Node): boolean => {
    const variable = id && scopes.variableOf(id)
    if (!variable || seen.has(variable)) return false
    seen.add(variable)
    return variable.references.some((each: Node) => !isIn(each, node) && isExported(each, module, names, seen))
  }
  const statement = (program.body as Node[]).find((each) => isIn(node, each))
  const { type, declaration, specifiers = [], expression } = statement ?? {}
  if (type === 'ExportDefaultDeclaration') return names.has('default')
  if (type === 'ExportNamedDeclaration' && !declaration) {
    return specifiers.some(
      ({ local, exported }: Node) => isIn(node, local) && names.has(exported.name ?? exported.value),
    )
  }
  if (expression?.type === 'AssignmentExpression') {
    const { property } = strip(expression.left)
    return isIn(node, expression.right) && names.has(property?.name === 'exports' ? 'default' : property?.name)
  }
  const declarators: readonly Node[] = (declaration ?? statement)?.declarations ?? []
  const declarator = declarators.find((each: Node) => isIn(node, each))
  if (declarator) {
    const { id } = declarator
    return (type === 'ExportNamedDeclaration' && names.has(id.name)) || isUsed(id)
  }
  // A method of what this module made: what it imports is not its own.
  const isMethod = type === 'ExpressionStatement' && strip(node.callee)?.type === 'MemberExpression'
  return isMethod && scopes.variableOf(rootOf(node))?.kind !== 'import' && isUsed(rootOf(node))
}
