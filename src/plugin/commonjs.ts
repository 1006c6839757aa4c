/** CommonJS exports: what the top level assigns to `exports` and `module.exports`, and what it leaves open. */
import type { Program } from 'oxc-parser'
import { nameOf, unwrap, type Node, type Range } from './ast.ts'
import { findHiddenExports, NOTHING_HIDDEN } from './commonjs-hidden.ts'
import {
  calleeOf,
  flattenChain,
  isExports,
  isModuleExports,
  keyOf,
  isRequired,
  resolveLocal,
} from './commonjs-nodes.ts'

export interface CommonJsExport {
  readonly name: string
  readonly node: Range
  readonly statement: Range
  /** The expression that holds the value. */
  readonly target: string
  readonly value: Node
  /**
   * An assignment at the end of the module would not do, or does not know whether there is something to wrap. Only
   * then: of a module that uses `module.exports` as a whole webpack knows no names, so an ES module made of it has none.
   */
  readonly isLate: boolean
}

/** A way by which any name may be exported. */
export interface OpenExport {
  readonly start: number
}

export interface CommonJsExports {
  readonly values: readonly CommonJsExport[]
  readonly open: readonly OpenExport[]
  /** `module.exports` is an object that this module made. */
  readonly isOwn: boolean
  /** A `return` that ends the module. */
  readonly returned?: Range | undefined
}

/**
 * Every export by name; of several assignments the last one counts (tsc begins with `exports.a = void 0`).
 * @param isEsm then only what looks like an export, at the top level
 * @param exportAssignment TypeScript's `export =`
 */
export function findCommonJsExports(program: Program, isEsm: boolean, exportAssignment?: Node): CommonJsExports {
  const body = program.body as Node[]
  const found = new Map<string, CommonJsExport & { alias?: string }>()
  let open: OpenExport[] = []
  let isOwn = true
  // After `module.exports = …` alone, `exports` is an object that nobody sees.
  let isDetached = false
  const aliases = findAliases(body, exportAssignment)
  // Of those, what is `module.exports` no longer, because that became another object.
  const former = new Set<string>()
  const read = new Set<Node>()

  const addObject = ({ properties }: Node, statement: Range, isNote = false) => {
    for (const property of properties) {
      const name = property.type === 'Property' ? keyOf(property) : undefined
      if (name === undefined) open.push({ start: property.start })
      else {
        const { key, value, kind } = property
        // A note names what getters give.
        const isLate = isNote || kind !== 'init'
        found.set(name, { name, node: key, statement, target: member(name), value: isLate ? undefined : value, isLate })
      }
    }
  }

  const addWhole = (value: Node, node: Range, statement: Range) => {
    const own = unwrap(value)?.name
    for (const [name, { alias }] of found) if (alias === undefined || alias !== own) found.delete(name)
    for (const alias of aliases) if (alias !== own && isBefore(alias, statement, body)) former.add(alias)
    former.delete(own)
    open = []
    const made = resolveLocal(value, body)
    const getters = objectGivenWith(made, body)
    isOwn = /^(Object|New|Class)Expression|Function|^Class/.test(made?.type)
    if (getters) addObject(getters, statement, true)
    else if (made?.type === 'ObjectExpression') addObject(made, statement)
    else if (made?.type === 'NewExpression' || !/Function|Class|Literal/.test(made?.type)) {
      open.push({ start: node.start })
    } else {
      const target = 'module.exports'
      found.set('default', { name: 'default', node, statement, target, value: made, isLate: false })
    }
  }

  for (const statement of body) {
    if (statement === exportAssignment) addWhole(unwrap(statement.expression), statement, statement)
    for (const expression of expressionsOf(statement)) {
      const [object, key] = calleeOf(expression) === 'Object.defineProperty' ? expression.arguments : []
      const name = object && isEither(object) && key?.type === 'Literal' ? nameOf(key) : undefined
      if (name !== undefined) {
        read.add(expression)
        found.set(name, { name, node: key, statement, target: member(name), value: undefined, isLate: true })
      }
      // esbuild's note to cjs-module-lexer, `0 && (module.exports = { a })`: the exports are getters.
      const isNote = expression?.type === 'LogicalExpression' && expression.left.value === 0
      const { targets, value, assignments } = flattenChain(unwrap(isNote ? expression.right : expression))
      const whole = targets.find(isModuleExports)
      if (whole && isNote && value.type === 'ObjectExpression') {
        for (const assignment of assignments) read.add(assignment)
        isOwn = false
        // It leaves out `default`, so what it was made from is the better one.
        if (open.length > 0) {
          open = []
          addObject(value, statement, true)
        }
      } else if (whole && !isExports(value)) {
        addWhole(value, whole, statement)
        isDetached = !targets.some(isExports)
      } else if (!isNote && !whole && targets.some(isExports)) isDetached = !isModuleExports(value)
      if (isNote) continue
      for (const [index, target] of targets.entries()) {
        const name = target.type === 'MemberExpression' ? keyOf(target) : undefined
        const alias = aliases.has(target.object?.name) ? target.object.name : undefined
        if (isEither(target)) read.add(assignments[index])
        else if (name !== undefined && (alias !== undefined || isEither(target.object))) {
          read.add(assignments[index])
          const isLost = isExports(target.object) ? isDetached : former.has(alias)
          const node = target.property
          // What is defined may be fixed, and is not assigned then.
          const isLate = found.get(name)?.isLate === true
          if (!isLost) found.set(name, { name, node, statement, target: member(name), value, isLate, alias })
        }
      }
    }
  }
  const isTarget = (node: Node) => isEither(node) || aliases.has(node.name)
  const hidden = isEsm ? NOTHING_HIDDEN : findHiddenExports(program, read, isTarget)
  for (const { name, node } of hidden.values) {
    found.set(name, { name, node, statement: node, target: member(name), value: undefined, isLate: true })
  }
  // `module.exports = fn; fn.default = fn`: one name, two values.
  const isTwice = found.get('default')?.target !== 'module.exports' && body.some(isWholeFunction(body))
  const isLateForAll = isTwice || hidden.isWhole || open.length > 0 || !isOwn
  const values = Array.from(found.values(), (value) => ({ ...value, isLate: value.isLate || isLateForAll }))
  return { values, open: [...open, ...hidden.open], isOwn: isOwn && hidden.isOwn, returned: hidden.returned }
}

/** `all = {}; __export(all, { a: () => a }); module.exports = __toCommonJS(all)` */
function objectGivenWith(call: Node, body: readonly Node[]): Node {
  const [given, ...others] = call?.type === 'CallExpression' ? call.arguments : []
  if (given?.type !== 'Identifier' || others.length > 0) return undefined
  // Empty before; anything else is what the user calls.
  const made = resolveLocal(given, body)
  if (made?.type !== 'ObjectExpression' || made.properties.length > 0) return undefined
  const calls = body.flatMap(expressionsOf).filter((expression) => expression?.arguments?.[0]?.name === given.name)
  return calls.map((expression) => expression.arguments[1]).find((arg) => arg?.type === 'ObjectExpression')
}

/** Variables that are `module.exports`: `const api = module.exports = {}`, `module.exports = api`. */
function findAliases(body: readonly Node[], exportAssignment: Node): ReadonlySet<string> {
  const names = new Set<string>()
  const addValue = (value: Node) => {
    // What another module made is not assigned to here.
    if (value?.type === 'Identifier' && !isRequired(resolveLocal(value, body))) names.add(value.name)
  }
  if (exportAssignment) addValue(unwrap(exportAssignment.expression))
  for (const statement of body) {
    for (const { id, init } of statement.type === 'VariableDeclaration' ? statement.declarations : []) {
      const { targets, value } = flattenChain(unwrap(init))
      if (id.type === 'Identifier' && [...targets, ...(value ? [value] : [])].some(isEither)) names.add(id.name)
    }
    for (const expression of expressionsOf(statement)) {
      const { targets, value } = flattenChain(expression)
      if (targets.some(isModuleExports) && !isEither(value)) addValue(value)
    }
  }
  return names
}

/** Whether a variable is declared, and so has its value, before a statement. */
function isBefore(name: string, { start }: Range, body: readonly Node[]): boolean {
  return body.some(({ end, declarations }) => end <= start && declarations?.some(({ id }: Node) => id.name === name))
}

function isWholeFunction(body: readonly Node[]): (statement: Node) => boolean {
  return (statement) =>
    expressionsOf(statement).some((expression) => {
      const { targets, value } = flattenChain(expression)
      return targets.some(isModuleExports) && /Function/.test(resolveLocal(value, body)?.type)
    })
}

function expressionsOf(statement: Node): Node[] {
  if (statement.type === 'VariableDeclaration') return statement.declarations.map(({ init }: Node) => unwrap(init))
  const expression = statement.type === 'ExpressionStatement' ? unwrap(statement.expression) : undefined
  return expression?.type === 'SequenceExpression' ? expression.expressions.map(unwrap) : [expression]
}

const isEither = (node: Node) => isExports(node) || isModuleExports(node)

const member = (name: string) => `module.exports[${JSON.stringify(name)}]`
