/** Whether the module that makes a provider or a processor also makes it the one that each invocation flushes. */
import type { Node } from '../ast.ts'
import { isIn } from './gone.ts'
import type { Module } from './modules.ts'
import { isInFunction } from './scopes.ts'
import { isOneOf } from './seeds.ts'
import { strip, type Value, type Values } from './values.ts'

/** https://nextjs.org/docs/app/guides/instrumentation: its `register` runs before anything else. */
const INSTRUMENTATION = /(^|\/)instrumentation[^/]*$/

/** A processor in a provider, and one of those in another at most. */
const MAX_DEPTH = 4

export function isRegistered({ seed, path, origin }: Value, values: Values, depth = 0): boolean {
  if (seed.isRegistered || isOneOf(seed.registers, path)) return true
  if (!origin || depth > MAX_DEPTH) return false
  const { module, node } = origin
  const isIt = (expression: Node) => values.of(expression, module)?.origin?.node === node
  for (const call of module.scopes.nodes) {
    if (call === node || !/^(Call|New)Expression$/.test(call.type) || !isAtLoad(call, module)) continue
    const callee = strip(call.callee)
    const method = callee.type === 'MemberExpression' ? callee.property.name : undefined
    // https://opentelemetry.io/docs/languages/js/getting-started/nodejs/: `provider.register()`, `sdk.start()`
    if ((method === 'register' || method === 'start') && isIt(callee.object)) return true
    const isGiven = () => call.arguments.some((argument: Node) => holds(argument, module, isIt))
    if (method === 'setGlobalTracerProvider') {
      if (isGiven()) return true
      continue
    }
    const given = values.of(method === 'addSpanProcessor' ? callee.object : call, module)
    if (given && isGiven() && isRegistered(given, values, depth + 1)) return true
  }
  return false
}

function holds(argument: Node, { scopes }: Module, isIt: (expression: Node) => boolean): boolean {
  return scopes.nodes.some(
    (node) => isIn(node, argument) && /^(Identifier|NewExpression)$/.test(node.type) && isIt(node),
  )
}

/** Later than that, the first invocation has registered ours, and a second one is refused. */
function isAtLoad(call: Node, { file, scopes }: Module): boolean {
  return INSTRUMENTATION.test(file) || !isInFunction(call, scopes)
}
