/** What an export that holds handlers as members may be, as far as the source shows it. Knows no platform. */
import type { MemberFacts, MemberKinds, WrappedMembers } from './emit.ts'
import { nameOf, unwrap, type Node } from './ast.ts'
import type { ExportedValue } from './handlers.ts'

export interface Found {
  readonly members: WrappedMembers
  /** For the report. */
  readonly kind: string
}

/** The members to wrap, or why there are none; an empty reason is not worth saying. */
export function findMembers(
  { name, value }: ExportedValue,
  body: readonly Node[],
  { objects, classes, names, classNames, bases }: MemberFacts,
): Found | string {
  if (names && !names.includes(name)) return ''
  const isListed = names !== undefined || classNames.includes(name)
  const definition = definitionOf(value, body)
  if (isClass(definition)) {
    const base = baseOf(definition)
    const why = base !== undefined && Object.hasOwn(bases, base) ? bases[base] : undefined
    if (why) return why
    if (!isListed && name !== 'default' && !mayBeEntrypoint(definition)) return ''
    // A base class of the platform has no handlers of its own; any other may hand some down.
    const found = definition.superClass && why === undefined ? classes : pickClass(definition, classes)
    return Object.keys(found).length > 0 ? toFound({}, found) : 'a class without methods'
  }
  if (definition?.type === 'ObjectExpression') {
    const found = pickObject(definition, objects)
    if (Object.keys(found).length > 0) return toFound(found, {})
    return name === 'default' ? `an object without ${Object.keys(objects).join(', ')}` : ''
  }
  const isNothing = /Function|Literal|^(Array|Binary|Unary|Update)Expression/.test(definition?.type)
  if (isNothing) return name === 'default' || isListed ? 'neither an object nor a class' : ''
  // Only running it tells. A default export is a handler; any other must turn out to be a class.
  if (name === 'default' || isListed) return { members: { objects, classes }, kind: 'whatever it has' }
  return isCapital(name) ? { members: { objects: {}, classes }, kind: 'if it is a class' } : ''
}

function toFound(objects: MemberKinds, classes: MemberKinds): Found {
  const keys = [...Object.keys(objects), ...Object.keys(classes)]
  return { members: { objects, classes }, kind: keys.map((key) => (key === '*' ? 'methods' : key)).join(', ') }
}

function isClass(node: Node): boolean {
  return node?.type === 'ClassDeclaration' || node?.type === 'ClassExpression'
}

/** Follows a name to what the module's top level binds it to. */
export function definitionOf(value: Node, body: readonly Node[], depth = 0): Node {
  const node = unwrap(value)
  if (node?.type !== 'Identifier' || depth > 4) return node
  for (const statement of body) {
    const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
    if (/^(Class|Function)Declaration$/.test(declaration?.type) && declaration.id?.name === node.name)
      return declaration
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue
    const declarator = declaration.declarations.find(({ id }: Node) => id.name === node.name)
    if (declarator) return definitionOf(declarator.init, body, depth + 1)
  }
  return node
}

/** What a literal has of `kinds`; all of them where a spread or a computed key may bring any. */
function pickObject({ properties }: Node, kinds: MemberKinds): MemberKinds {
  if (properties.some(({ type, computed }: Node) => type !== 'Property' || computed)) return kinds
  return pick(
    kinds,
    properties.map(({ key }: Node) => nameOf(key)),
  )
}

/** The last name of `extends workers.DurableObject`. */
function baseOf({ superClass }: Node): string | undefined {
  return superClass?.name ?? superClass?.property?.name
}

function pickClass({ body }: Node, kinds: MemberKinds): MemberKinds {
  const own: string[] = body.body
    .filter(({ static: isStatic, kind }: Node) => !isStatic && kind !== 'constructor')
    .map(({ key, computed }: Node) => (key && !computed ? nameOf(key) : '*'))
  const rest = own.some((key) => !Object.hasOwn(kinds, key)) ? ['*'] : []
  return pick(kinds, [...own, ...rest])
}

/** Of a class without a base only one that can be fetched from; of an error none. */
function mayBeEntrypoint(definition: Node): boolean {
  if (definition.superClass) return baseOf(definition)?.endsWith('Error') !== true
  return definition.body.body.some(({ key, computed }: Node) => key && !computed && nameOf(key) === 'fetch')
}

function pick(kinds: MemberKinds, keys: readonly string[]): MemberKinds {
  return Object.fromEntries(Object.entries(kinds).filter(([key]) => keys.includes(key)))
}

/** By its name alone. */
export function mayBeClass(name: string, { names, classNames }: MemberFacts): boolean {
  return (names ?? classNames).includes(name) || (!names && isCapital(name))
}

function isCapital(name: string): boolean {
  return /^\p{Lu}/u.test(name)
}
