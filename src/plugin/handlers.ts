/**
 * (program) → what the module exports, with ranges. Knows no platform and changes nothing: the shapes
 * below are the ones that `transform.ts` can rewrite, everything else carries the reason why not.
 */
import type { Comment, Program } from 'oxc-parser'
import { boundIdentifiers, findLateBindings, findToken, functionness, nameOf } from './ast.ts'
import type { Node, Range } from './ast.ts'
import { findCommonJsExports, findHiddenExports } from './commonjs.ts'

export interface ExportedValue {
  /** The exported name, `default` included. */
  readonly name: string
  /** Where the name stands, for messages. */
  readonly start: number
  readonly shape: Shape
  /** The expression or declaration that is exported, where the module has it. */
  readonly value: Node
  /** Whether the source shows a function. Calls and identifiers may be one: undefined. */
  readonly isFunction: boolean | undefined
  /** `otel:ignore` stands in a comment right before it. */
  readonly ignored: boolean
}

export type Shape =
  /** `export const a = …, b = …`, `export function a() {}`: `declaration` starts after `export`. */
  | {
      readonly form: 'declaration'
      readonly statement: Range
      readonly declaration: Range
      readonly local: string
      readonly hoisted: boolean
      /** It will not be assigned again, so it can be wrapped where it stands. */
      readonly settled: boolean
      readonly overloads: readonly Range[]
    }
  /** `export default function named() {}`; one without a name gets one at `nameAt`. */
  | {
      readonly form: 'default-declaration'
      readonly statement: Range
      readonly declaration: Range
      readonly local: string | undefined
      readonly nameAt: number
      readonly overloads: readonly Range[]
    }
  /** `export default <expression>`; `keyword` covers `export default`. */
  | { readonly form: 'default-expression'; readonly keyword: Range; readonly expression: Range }
  /** `export { local as name }`, with `from` when re-exported. */
  | {
      readonly form: 'specifier'
      readonly statement: Range
      readonly specifier: Range
      readonly clause: Clause
      readonly local: string
      readonly hoisted: boolean
      readonly from: string | undefined
    }
  /** `exports.name = …`, `module.exports = { name }`; `target` is the expression that holds the value. */
  | { readonly form: 'commonjs'; readonly target: string }
  /** `statement`: a declaration that may export others, too. */
  | { readonly form: 'unsupported'; readonly why: string; readonly statement?: Range }

/** Between the braces. `specifiers` has those of types, too. */
export interface Clause extends Range {
  readonly specifiers: readonly Range[]
}

export interface Exports {
  readonly values: readonly ExportedValue[]
  /** What may export a handler without naming it. */
  readonly unnamed: readonly { readonly why: string; readonly start: number }[]
  readonly isCommonJs: boolean
}

export function findExports(program: Program, comments: readonly Comment[], code: string): Exports {
  const body = program.body as Node[]
  const functions = new Map(body.flatMap(topLevelFunction))
  const late = findLateBindings(program)
  // `export namespace handler {}` adds to the function of that name: one export cannot be taken without the other.
  const namespaces = new Set(
    body.map(
      (node) => (node.declaration ?? node).type === 'TSModuleDeclaration' && nameOf((node.declaration ?? node).id),
    ),
  )
  const isIgnored = ({ start }: Range) =>
    comments.some(
      ({ value, end }) => end <= start && /^[\s*]*otel:ignore\b/.test(value) && code.slice(end, start).trim() === '',
    )
  const values: ExportedValue[] = []
  const unnamed: { why: string; start: number }[] = []
  const add = (name: string, node: Range, shape: Shape, value: Node, marks: Range[] = [node]) => {
    const isFunction = functionness(value)
    values.push({ name, start: node.start, shape, value, isFunction, ignored: marks.some(isIgnored) })
  }

  /** `local`, unless what it is bound to is not settled when the module has run. */
  const settled = (local: string, shape: Shape): Shape => {
    const statement = 'statement' in shape ? shape.statement : undefined
    if (late.has(local)) return unsupported('a function assigns it again later', statement)
    return namespaces.has(local) ? unsupported('merged with a namespace', statement) : shape
  }

  for (const statement of body) {
    const { type, declaration } = statement
    if (type === 'ExportAllDeclaration' && statement.exportKind !== 'type') {
      const { exported, source, start } = statement
      if (exported) add(nameOf(exported), exported, unsupported('a namespace, not a function'), undefined)
      else
        unnamed.push({ why: `re-exported by \`export * from '${source.value}'\`: export the handler by name`, start })
    }
    if (type === 'TSExportAssignment') {
      add('default', statement, unsupported('written as `export =`: use `export default` or `export const`'), undefined)
    }
    // An overload or an interface: the implementation, if any, is another statement.
    if (type === 'ExportDefaultDeclaration' && !/^TS(Declare|Interface)/.test(declaration.type)) {
      const shape = defaultShape(statement, body, comments, code)
      add('default', statement, settled(declaration.id?.name ?? '', shape), declaration)
    }
    if (type !== 'ExportNamedDeclaration' || statement.exportKind === 'type') continue
    if (!declaration) {
      const clause = toClause(statement, code, comments)
      const from = statement.source && code.slice(statement.source.start, statement.end).replace(/;\s*$/, '')
      for (const specifier of statement.specifiers) {
        if (specifier.exportKind === 'type') continue
        const local = nameOf(specifier.local)
        const hoisted = !from && functions.has(local)
        const shape: Shape = { form: 'specifier', statement, specifier, clause, local, hoisted, from }
        const value = hoisted ? functions.get(local) : from ? undefined : specifier.local
        add(nameOf(specifier.exported), specifier, from ? shape : settled(local, shape), value, [statement, specifier])
      }
    } else if (declaration.type === 'FunctionDeclaration') {
      const local = declaration.id.name
      const overloads = findOverloads(body, type, local)
      const shape: Shape = {
        form: 'declaration',
        statement,
        declaration,
        local,
        hoisted: true,
        settled: false,
        overloads,
      }
      add(local, declaration.id, settled(local, shape), declaration, [statement])
    } else if (declaration.type === 'ClassDeclaration') {
      const { id } = declaration
      add(id.name, id, settled(id.name, classShape(statement)), declaration, [statement])
    } else if (declaration.type === 'VariableDeclaration' && !declaration.declare) {
      for (const declarator of declaration.declarations) {
        for (const id of boundIdentifiers(declarator.id)) {
          const shape = settled(id.name, variableShape(statement, declarator, id))
          add(id.name, id, shape, declarator.init, [statement, id])
        }
      }
    }
  }
  const isEsm = body.some(({ type }) => /^(Import|Export|TSExportAssignment)/.test(type))
  for (const { name, node, statement, target, value, why } of findCommonJsExports(body)) {
    const reason = isEsm ? 'assigned to `exports` in an ES module: use `export`' : why
    const shape: Shape = reason === undefined ? { form: 'commonjs', target } : unsupported(reason)
    add(name, node, shape, value, [statement, node])
  }
  if (!isEsm && values.every(({ name }) => name === '__esModule')) unnamed.push(...findHiddenExports(program))
  return { values, unnamed, isCommonJs: !isEsm }
}

function unsupported(why: string, statement?: Range): Shape {
  return { form: 'unsupported', why, ...(statement && { statement }) }
}

function variableShape(statement: Node, declarator: Node, id: Node): Shape {
  const { declaration } = statement
  if (declaration.declarations.some((other: Node) => other.id.type !== 'Identifier')) {
    return unsupported('a destructured export: export the handler by itself')
  }
  if (!declarator.init) return unsupported('declared without a value', statement)
  const isSettled = declaration.kind === 'const'
  const fixed = { hoisted: false, settled: isSettled, overloads: [] }
  return { form: 'declaration', statement, declaration, local: id.name, ...fixed }
}

function classShape(statement: Node): Shape {
  const { declaration } = statement
  if (declaration.decorators?.length > 0) return unsupported('a class with decorators', statement)
  const local: string = declaration.id.name
  return { form: 'declaration', statement, declaration, local, hoisted: false, settled: true, overloads: [] }
}

function defaultShape(statement: Node, body: readonly Node[], comments: readonly Comment[], code: string): Shape {
  const { declaration } = statement
  if (declaration.type === 'FunctionDeclaration') {
    const keyword = findToken('function', declaration.start, code, comments) + 'function'.length
    const nameAt = declaration.generator ? findToken('*', keyword, code, comments) + 1 : keyword
    const overloads = findOverloads(body, statement.type, declaration.id?.name)
    return { form: 'default-declaration', statement, declaration, local: declaration.id?.name, nameAt, overloads }
  }
  if (declaration.type === 'ClassDeclaration' && (declaration.id || declaration.decorators?.length > 0)) {
    return classShape(statement)
  }
  const end = findToken('default', statement.start, code, comments) + 'default'.length
  return { form: 'default-expression', keyword: { start: statement.start, end }, expression: declaration }
}

/** The signatures before an exported function: they carry an `export` of their own. */
function findOverloads(body: readonly Node[], type: string, name: string | undefined): Range[] {
  return body.filter(
    (node) =>
      node.type === type && node.declaration?.type === 'TSDeclareFunction' && node.declaration.id?.name === name,
  )
}

function toClause({ specifiers, start }: Node, code: string, comments: readonly Comment[]): Clause {
  const open = findToken('{', start, code, comments) + 1
  return { start: open, end: findToken('}', specifiers.at(-1)?.end ?? open, code, comments), specifiers }
}

function topLevelFunction(statement: Node): [name: string, declaration: Node][] {
  const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
  return declaration?.type === 'FunctionDeclaration' && declaration.id ? [[declaration.id.name, declaration]] : []
}
