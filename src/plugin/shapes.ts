/** The shapes of an export that can be rewritten, and how they are read from the syntax tree. Changes nothing. */
import type { Comment } from 'oxc-parser'
import { findToken, type Node, type Range } from './ast.ts'

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
  /** What `export * from` brings. An export of that name beside it goes first. */
  | { readonly form: 'star'; readonly local: string; readonly from: string }
  /** `exports.name = …`, `module.exports = { name }`; `target` is the expression that holds the value. */
  | { readonly form: 'commonjs'; readonly target: string }
  /** `statement`: a declaration that may export others, too. */
  | { readonly form: 'unsupported'; readonly why: string; readonly statement?: Range }

/** Between the braces. `specifiers` has those of types, too. */
export interface Clause extends Range {
  readonly specifiers: readonly Range[]
}

export function unsupported(why: string, statement?: Range): Shape {
  return { form: 'unsupported', why, ...(statement && { statement }) }
}

export function variableShape(statement: Node, declarator: Node, id: Node): Shape {
  const { declaration } = statement
  if (!declarator.init) return unsupported('declared without a value', statement)
  const isSettled = declaration.kind === 'const'
  const fixed = { hoisted: false, settled: isSettled, overloads: [] }
  return { form: 'declaration', statement, declaration, local: id.name, ...fixed }
}

export function classShape(statement: Node): Shape {
  const { declaration } = statement
  if (declaration.decorators?.length > 0) return unsupported('a class with decorators', statement)
  const local: string = declaration.id.name
  return { form: 'declaration', statement, declaration, local, hoisted: false, settled: true, overloads: [] }
}

export function defaultShape(
  statement: Node,
  body: readonly Node[],
  comments: readonly Comment[],
  code: string,
): Shape {
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
export function findOverloads(body: readonly Node[], type: string, name: string | undefined): Range[] {
  return body.filter(
    (node) =>
      node.type === type && node.declaration?.type === 'TSDeclareFunction' && node.declaration.id?.name === name,
  )
}

export function toClause({ specifiers, start }: Node, code: string, comments: readonly Comment[]): Clause {
  const open = findToken('{', start, code, comments) + 1
  return { start: open, end: findToken('}', specifiers.at(-1)?.end ?? open, code, comments), specifiers }
}

export function topLevelFunction(statement: Node): [name: string, declaration: Node][] {
  const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
  return declaration?.type === 'FunctionDeclaration' && declaration.id ? [[declaration.id.name, declaration]] : []
}
