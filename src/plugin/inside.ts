/** Where in an exported value a handler stands, as far as the source shows it. Knows no platform and changes nothing. */
import { Visitor } from 'oxc-parser'
import { functionness, nameOf, unwrap, type Node, type Range } from './ast.ts'
import type { Place } from './define-platform.ts'
import type { ExportedValue } from './handlers.ts'

export interface Inside {
  /** The value; of a method or a shorthand, the property. */
  readonly node: Range
  /** `unnamed`: a function that takes its name from the property. */
  readonly form: 'method' | 'shorthand' | 'unnamed' | 'value'
  /** The property. */
  readonly key?: string
}

/** The handler; or why what is there cannot be wrapped; undefined: it is none of the places. */
export function findInside(
  { value, shape }: ExportedValue,
  body: readonly Node[],
  places: readonly Place[],
): Inside | string | undefined {
  // Of what is assigned again the tools read what it is bound to last.
  const local = 'local' in shape ? { type: 'Identifier', name: shape.local } : undefined
  const definition = definitionOf(value ?? local, body)
  const isElsewhere = (shape.form === 'specifier' || shape.form === 'star') && Boolean(shape.from)
  // In the output it stands as the other module has it, and a wrapper around it would hide that.
  if (isElsewhere || isImported(definition, body)) return ELSEWHERE
  for (const place of places) {
    if (place.form === 'property' && definition?.type === 'ObjectExpression')
      return findProperty(definition, place.key, body)
    if (place.form === 'argument' && definition?.type === 'CallExpression') {
      const position = positionOf(definition, body, place)
      if (position !== undefined) return findArgument(definition, position)
    }
  }
  return undefined
}

const ELSEWHERE = 'of another module, where tools read it: wrap it there, with include'

/** Whether only running the module tells if it is an object or a function. */
export function isOpaque(value: Node, body: readonly Node[]): boolean {
  const definition = definitionOf(value, body)
  return definition?.type === 'NewExpression' || functionness(definition) === undefined
}

function isImported(definition: Node, body: readonly Node[]): boolean {
  const imports = body.filter(({ type }) => definition?.type === 'Identifier' && type === 'ImportDeclaration')
  return imports.some(({ specifiers }) => specifiers.some(({ local }: Node) => local.name === definition.name))
}

/** Of several, the one that counts. */
function findProperty({ properties }: Node, key: string, body: readonly Node[]): Inside | string {
  const at = properties.findLastIndex(
    ({ type, computed, key: own }: Node) => type === 'Property' && !computed && nameOf(own) === key,
  )
  const property = properties[at]
  if (!property) {
    const isHidden = properties.some(({ type, computed }: Node) => type !== 'Property' || computed)
    return isHidden ? `an object without ${key} in its own literal: name it there` : `an object without ${key}`
  }
  if (mayBring(properties.slice(at + 1), key, body)) {
    return `what is spread or computed after ${key} may bring another: put ${key} last`
  }
  if (property.kind !== 'init') return `${key} is a ${property.kind}ter`
  if (property.shorthand) return { node: property, form: 'shorthand', key }
  if (property.method) {
    return usesSuper(property.value) ? `${key} uses \`super\`` : { node: property, form: 'method', key }
  }
  if (functionness(property.value) === false) return `${key} is not a function`
  const { type, id } = unwrap(property.value)
  return { node: property.value, form: /Function/.test(type) && !id ? 'unnamed' : 'value', key }
}

/** Whether one of them may be of that name: what is spread or computed, only running it may tell. */
function mayBring(properties: readonly Node[], key: string, body: readonly Node[], depth = 0): boolean {
  return properties.some(({ type, computed, argument, key: own }) => {
    if (type !== 'Property') return mayHave(argument, key, body, depth + 1)
    return computed && own.type !== 'Literal' ? true : nameOf(own) === key
  })
}

function mayHave(value: Node, key: string, body: readonly Node[], depth: number): boolean {
  const { type, name, operator, left, right, consequent, alternate, properties } = definitionOf(value, body)
  // `const a = { ...b }, b = { ...a }`
  if (depth > 4) return true
  if (type === 'Literal' || name === 'undefined') return false
  if (type === 'ObjectExpression') return mayBring(properties, key, body, depth)
  const either = type === 'ConditionalExpression' ? [consequent, alternate] : []
  // Of `condition && {}` what is falsy has nothing to spread.
  if (type === 'LogicalExpression') either.push(...(operator === '&&' ? [right] : [left, right]))
  return either.length === 0 || either.some((each) => mayHave(each, key, body, depth + 1))
}

function findArgument({ arguments: args }: Node, position: number): Inside | string {
  const node = args[position]
  const isHidden = args.slice(0, position + 1).some(({ type }: Node) => type === 'SpreadElement')
  if (!node || isHidden || functionness(node) === false) return 'a call without a function'
  return { node, form: 'value' }
}

/** Follows a name to what the top level of the module has bound to it last, as the tools do that read it. */
function definitionOf(value: Node, body: readonly Node[], depth = 0): Node {
  const node = unwrap(value)
  if (node?.type !== 'Identifier' || depth > 4) return node
  let found: Node
  for (const statement of body) {
    const declaration = statement.declaration ?? statement
    if (declaration?.type === 'FunctionDeclaration' && declaration.id?.name === node.name) found = declaration
    for (const { id, init } of declaration.declarations ?? []) if (init && id.name === node.name) found = init
    const { left, right, operator } = unwrap(statement.expression) ?? {}
    if (operator === '=' && left.name === node.name) found = right
  }
  return found ? definitionOf(found, body, depth + 1) : node
}

/** The position of the handler, if the callee is one of the functions: by its own name, or as a member of the package. */
function positionOf(
  { callee }: Node,
  body: readonly Node[],
  { source, functions }: Extract<Place, { form: 'argument' }>,
): number | undefined {
  // tsc calls `(0, functions_1.schedule)(…)`.
  const called = unwrap(unwrap(callee).expressions?.at(-1) ?? callee)
  const { name, object, property, computed } = called
  const imported = object ? '*' : importedName(name, body, source)
  if (imported !== '*') return imported === undefined ? undefined : functions[imported]
  return !computed && importedName(object.name, body, source) === '*' ? functions[nameOf(property)] : undefined
}

/** What a name stands for in a package, imported or required: `*` is all of it. */
function importedName(local: string | undefined, body: readonly Node[], source: string): string | undefined {
  if (local === undefined) return undefined
  for (const { type, specifiers, source: from, declarations } of body) {
    const specifier =
      type === 'ImportDeclaration' && from.value === source
        ? specifiers.find((each: Node) => each.local.name === local)
        : undefined
    if (specifier) return specifier.imported ? nameOf(specifier.imported) : '*'
    for (const { id, init } of type === 'VariableDeclaration' ? declarations : []) {
      const isRequired = init?.type === 'CallExpression' && init.callee.name === 'require'
      if (!isRequired || init.arguments[0]?.value !== source) continue
      if (id.name === local) return '*'
      const property = id.properties?.find(({ key, value }: Node) => key && value.name === local)
      if (property) return nameOf(property.key)
    }
  }
  return undefined
}

/** A method that is moved to another literal has another `super`. Those of inner classes count, too: nobody has them. */
function usesSuper(method: Node): boolean {
  let found = false
  const program = { type: 'Program', body: [{ type: 'ExpressionStatement', expression: method }] }
  new Visitor({ Super: () => void (found = true) }).visit(program as Node)
  return found
}
