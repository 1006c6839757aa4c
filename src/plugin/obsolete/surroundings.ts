/** What a flush stands in: when it runs, and what is there for its sake alone. */
import type { Node } from '../ast.ts'
import { isIn } from './gone.ts'
import type { Module } from './modules.ts'
import { isFunction, isInFunction, type Scopes } from './scopes.ts'
import { strip } from './values.ts'

/** A flush at the top level, in what that calls, or when the process ends, is of no invocation. */
export function isInInvocation(node: Node, module: Module): boolean {
  const functions = functionsAround(node, module)
  return functions.length > 0 && !functions.some((each) => runsAlone(each, module))
}

function functionsAround(node: Node, { scopes }: Module): Node[] {
  const functions: Node[] = []
  for (let at = scopes.parentOf(node); at; at = scopes.parentOf(at)) if (isFunction(at)) functions.push(at)
  return functions
}

const ENDS = /shutdown|teardown|dispose|close|stop|exit/i

function runsAlone(node: Node, { scopes }: Module): boolean {
  const { parentOf, variableOf } = scopes
  const id = nameOf(node, scopes)
  const references: readonly Node[] = (id && variableOf(id)?.references) ?? []
  const isStarted = (each: Node): boolean => {
    const parent = parentOf(each)
    if (parent?.type === 'ParenthesizedExpression') return isStarted(parent)
    if (parent?.type !== 'CallExpression' || isInFunction(each, scopes)) return false
    return parent.callee === each || /^(then|catch|finally)$/.test(strip(parent.callee).property?.name)
  }
  if (ENDS.test(id?.name ?? '') || isListener(node, scopes) || isStarted(node)) return true
  if (references.some((each) => isListener(each, scopes) || isStarted(each))) return true
  // What ends an SDK or the process flushes it first.
  return scopes.nodes.some(
    (call) =>
      call.type === 'CallExpression' && isIn(call, node) && /^(shutdown|exit)$/.test(strip(call.callee).property?.name),
  )
}

/** `process.on('SIGTERM', …)` */
function isListener(node: Node, { parentOf }: Scopes): boolean {
  const call = parentOf(node)
  if (call?.type !== 'CallExpression' || call.callee === node) return false
  const { object, property } = strip(call.callee)
  return object?.name === 'process' && /^(on|once|addListener|prependListener)$/.test(property.name)
}

/** The identifier that a function is known by, or the key of a method. */
function nameOf(node: Node, { parentOf }: Scopes): Node {
  const parent = parentOf(node)
  return node.id ?? parent?.id ?? (parent?.value === node ? parent.key : undefined)
}

/** In a callback of a function, that may run when its invocation has ended: of a stream, of a timer. */
export function isLate(node: Node, { scopes }: Module): boolean {
  const { parentOf } = scopes
  let at = parentOf(node)
  while (!isFunction(at)) at = parentOf(at)
  // A function that another one returns is what is called by the platform, or around it.
  const returned = (inner: Node) => /^(ReturnStatement|ArrowFunctionExpression)$/.test(parentOf(inner)?.type)
  while (returned(at)) {
    do at = parentOf(at)
    while (at && !isFunction(at))
    if (!at) return false
  }
  return isInFunction(at, scopes)
}

/** In what the build leaves alone, in what reads the spans itself, or in a function that is there to flush for others. */
export function isLeft(node: Node, module: Module): boolean {
  const { code, scopes } = module
  if (/otel:ignore|InMemorySpanExporter/.test(code)) return true
  if (functionsAround(node, module).some((each) => /flush/i.test(nameOf(each, scopes)?.name))) return true
  for (let at = scopes.parentOf(node); at; at = scopes.parentOf(at)) {
    if (at.superClass?.name === 'WorkflowEntrypoint' || (at.key?.name === 'tail' && !at.computed)) return true
  }
  return false
}

/** `await`, `void`, `.catch(…)` and `waitUntil(…)` around it have no other use. */
export function outermost(node: Node, module: Module): Node {
  const { parentOf } = module.scopes
  for (let at = node; ;) {
    const parent = parentOf(at)
    if (/^(ChainExpression|ParenthesizedExpression|AwaitExpression|TSNonNullExpression)$/.test(parent?.type))
      at = parent
    else if (parent?.type === 'UnaryExpression' && parent.operator === 'void') at = parent
    else if (parent?.type === 'MemberExpression' && parent.object === at && parent.property.name === 'catch') {
      if (parentOf(parent)?.callee !== parent) return at
      at = parentOf(parent)
    } else if (isKeptBy(parent, at)) at = parent
    else if (isWhole(parent, at) && isKeptBy(parentOf(parent), parent)) at = parentOf(parent)
    else if (parent?.type === 'ExpressionStatement') {
      const block = parentOf(parent)
      const callback = block && parentOf(block)
      const isAlone = block?.type === 'BlockStatement' && block.body.length === 1 && isWhole(callback, block)
      if (!isAlone || !isKeptBy(parentOf(callback), callback)) return at
      at = parentOf(callback)
    } else return at
  }
}

/** A function without parameters that does this and no more. */
function isWhole(parent: Node, at: Node): boolean {
  return isFunction(parent) && parent.body === at && parent.params.length === 0
}

/** https://developer.mozilla.org/docs/Web/API/ExtendableEvent/waitUntil and https://nextjs.org/docs/app/api-reference/functions/after */
function isKeptBy(parent: Node, at: Node): boolean {
  if (parent?.type !== 'CallExpression' || parent.arguments.length !== 1 || parent.arguments[0] !== at) return false
  const callee = strip(parent.callee)
  return /^(waitUntil|after|unstable_after)$/.test(callee.property?.name ?? callee.name ?? '')
}

/** The call that is all of a function, or all that it tries. */
export function soleCall({ body }: Node): Node {
  if (body.type !== 'BlockStatement') return innermost(body)
  const [statement, ...others] = body.body
  if (others.length > 0) return undefined
  if (statement?.type === 'TryStatement' && !statement.finalizer) return soleCall({ body: statement.block })
  return /^(Expression|Return)Statement$/.test(statement?.type)
    ? innermost(statement.expression ?? statement.argument)
    : undefined
}

/** Without what `outermost` goes through. */
function innermost(expression: Node): Node {
  const node = strip(expression)
  if (node?.type === 'UnaryExpression' && node.operator === 'void') return innermost(node.argument)
  const callee = node?.type === 'CallExpression' && strip(node.callee)
  return callee?.property?.name === 'catch' ? innermost(callee.object) : node
}
