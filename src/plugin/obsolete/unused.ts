/** Imports and variables that were there for what is removed, and whose declaration does nothing else. */
import type { MagicString } from 'magic-string'
import { boundIdentifiers, type Node } from '../ast.ts'
import { isIn } from './gone.ts'
import { isLent, type Module } from './modules.ts'
import type { Variable } from './scopes.ts'
import { isOneOf, seedOf } from './seeds.ts'
import { removeLines } from './lines.ts'
import { strip, type Values } from './values.ts'

/** @param removed what is gone already; what is removed here is added */
export function removeUnused(module: Module, removed: Node[], values: Values, edits: MagicString): void {
  const { scopes } = module
  const isRemoved = (node: Node) => removed.some((each) => isIn(node, each))
  const specifiers = new Set<Node>()
  for (let at = 0; at < removed.length; at++) {
    const inside = scopes.nodes.filter((node) => node.type === 'Identifier' && isIn(node, removed[at]!))
    for (const variable of new Set(inside.map((node) => scopes.variableOf(node)))) {
      if (!variable || isRemoved(variable.id) || !variable.references.every(isRemoved)) continue
      if (variable.kind === 'import') specifiers.add(variable.declaration)
      else removeVariable(variable, module, removed, values, edits)
    }
  }
  const declarations = new Set([...specifiers].map((specifier) => scopes.parentOf(specifier)))
  for (const declaration of declarations) removeSpecifiers(declaration, specifiers, module, removed, edits)
}

function removeVariable(
  { kind, id, declaration }: Variable,
  module: Module,
  removed: Node[],
  values: Values,
  edits: MagicString,
): void {
  const { parentOf } = module.scopes
  const statement = parentOf(declaration)
  if (kind !== 'variable' || statement.declarations?.length !== 1) return
  if (/^Export|^For/.test(parentOf(statement).type)) return
  const init = strip(declaration.init)
  const specifier = requiredBy(init, module)
  const ids = [...boundIdentifiers(declaration.id)]
  if (ids.length > 1) {
    // `const { flush, other } = require('…')`: the other stays.
    if (specifier === undefined || declaration.id.type !== 'ObjectPattern') return
    const property = declaration.id.properties.find((each: Node) => each.value && isIn(id, each.value))
    if (property && removeFromList(declaration.id.properties, new Set([property]), edits)) removed.push(property)
  } else if (specifier !== undefined && !isDroppable(specifier)) {
    edits.remove(statement.start, declaration.init.start)
    removed.push(declaration.id)
  } else if (specifier !== undefined || isAccessor(init, module, values)) {
    removeLines(statement, module, removed, edits)
    removed.push(statement)
  }
}

function requiredBy(init: Node, { scopes }: Module): string | undefined {
  const isRequire = init?.type === 'CallExpression' && init.callee.name === 'require'
  return isRequire && !scopes.variableOf(init.callee) ? String(init.arguments[0]?.value) : undefined
}

/** Whatever makes something may be there for what it does then; what only hands it over is not. */
function isAccessor(init: Node, module: Module, values: Values): boolean {
  if (!init || /^(Identifier|MemberExpression)$/.test(init.type))
    return init !== undefined && values.of(init, module) !== undefined
  const value = init.type === 'CallExpression' ? values.of(init, module) : undefined
  return isOneOf(value?.seed.accessors, value?.path ?? '')
}

function removeSpecifiers(
  declaration: Node,
  unused: ReadonlySet<Node>,
  module: Module,
  removed: readonly Node[],
  edits: MagicString,
): void {
  const specifiers: Node[] = declaration.specifiers
  if (specifiers.every((specifier) => unused.has(specifier))) {
    const { source } = declaration
    // It may be imported for what it does when it is loaded, too: that is how a provider is registered.
    if (isDroppable(source.value)) removeLines(declaration, module, removed, edits)
    else edits.update(declaration.start, source.start, 'import ')
    return
  }
  const named = specifiers.filter(({ type }) => type === 'ImportSpecifier')
  const [first] = specifiers
  if (first!.type === 'ImportDefaultSpecifier') {
    const next = module.code.indexOf(named.length > 0 ? '{' : '*', first!.end)
    if (unused.has(first!)) edits.remove(first!.start, next)
    else if (specifiers.slice(1).every((specifier) => unused.has(specifier))) {
      const end = named.length > 0 ? module.code.indexOf('}', specifiers.at(-1)!.end) + 1 : specifiers.at(-1)!.end
      edits.remove(first!.end, end)
      return
    }
  }
  removeFromList(named, new Set(named.filter((specifier) => unused.has(specifier))), edits)
}

/** With their commas. Not all of them. */
export function removeFromList(list: readonly Node[], unused: ReadonlySet<Node>, edits: MagicString): boolean {
  if (unused.size >= list.length) return false
  const firstKept = list.findIndex((each) => !unused.has(each))
  list.forEach((each, at) => {
    if (!unused.has(each)) return
    // Up to the first that stays what is removed ends at the next one, after it at the one before.
    if (at < firstKept) edits.remove(each.start, list[at + 1]!.start)
    else edits.remove(list[at - 1]!.end, each.end)
  })
  return true
}

function isDroppable(specifier: string): boolean {
  return seedOf(specifier) !== undefined || isLent(specifier)
}
