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
  { objects, classes, names, classNames }: MemberFacts,
): Found | string {
  if (names && !names.includes(name)) return ''
  const isListed = names !== undefined || classNames.includes(name)
  const definition = definitionOf(value, body)
  if (isClass(definition)) {
    // Replayed with every step: its spans would be sent again each time.
    if (nameOf(definition.superClass ?? {}) === 'WorkflowEntrypoint') return 'a Workflow: not supported yet'
    if (!isListed && name !== 'default' && !mayBeEntrypoint(definition)) return ''
    const found = pickClass(definition, classes)
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
  return /^\p{Lu}/u.test(name) ? { members: { objects: {}, classes }, kind: 'if it is a class' } : ''
}

function toFound(objects: MemberKinds, classes: MemberKinds): Found {
  const keys = [...Object.keys(objects), ...Object.keys(classes)]
  return { members: { objects, classes }, kind: keys.map((key) => (key === '*' ? 'methods' : key)).join(', ') }
}

function isClass(node: Node): boolean {
  return node?.type === 'ClassDeclaration' || node?.type === 'ClassExpression'
}

/** Follows a name to what the module's top level binds it to. */
function definitionOf(value: Node, body: readonly Node[], depth = 0): Node {
  const node = unwrap(value)
  if (node?.type !== 'Identifier' || depth > 4) return node
  for (const statement of body) {
    const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
    if (declaration?.type === 'ClassDeclaration' && declaration.id?.name === node.name) return declaration
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

/** A class that extends another may inherit any method. */
function pickClass({ superClass, body }: Node, kinds: MemberKinds): MemberKinds {
  const own: string[] = body.body
    .filter(({ static: isStatic, kind }: Node) => !isStatic && kind !== 'constructor')
    .map(({ key, computed }: Node) => (key && !computed ? nameOf(key) : '*'))
  const inherits = superClass && !PLATFORM_BASE.test(superClass.name ?? superClass.property?.name ?? '')
  if (inherits) return kinds
  const rest = own.some((key) => !Object.hasOwn(kinds, key)) ? ['*'] : []
  return pick(kinds, [...own, ...rest])
}

/** Without a base class only the oldest Durable Objects are; an error never is. */
function mayBeEntrypoint({ superClass, body }: Node): boolean {
  if (superClass) return superClass.name?.endsWith('Error') !== true
  return body.body.some(({ key, computed }: Node) => key && !computed && nameOf(key) === 'fetch')
}

/** Classes of `cloudflare:workers`, which have no handlers of their own. */
const PLATFORM_BASE = /^(DurableObject|WorkerEntrypoint)$/

function pick(kinds: MemberKinds, keys: readonly string[]): MemberKinds {
  return Object.fromEntries(Object.entries(kinds).filter(([key]) => keys.includes(key)))
}
