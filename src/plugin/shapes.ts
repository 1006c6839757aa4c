/** The shapes of an export that can be rewritten, and how they are read from the syntax tree. Changes nothing. */
import type { BuildCode } from './report/codes.ts'
import type { Comment } from 'oxc-parser'
import { findToken, type Node, type Range } from './ast.ts'
import { createAnonymous, type Binding, type Bindings } from './bindings.ts'

export type Shape =
  /** `export const a = …, b = …`, `export function a() {}`: `declaration` starts after `export`. */
  | {
      readonly form: 'declaration'
      readonly statement: Range
      readonly declaration: Node
      /** Of a variable; a function or a class is its own. */
      readonly declarator: Range
      readonly local: string
      readonly binding: Binding
      readonly overloads: readonly Range[]
    }
  /** `export default function named() {}`; one without a name gets one at `nameAt`. */
  | {
      readonly form: 'default-declaration'
      readonly statement: Range
      readonly declaration: Range
      readonly local: string | undefined
      readonly nameAt: number
      readonly binding: Binding
      readonly overloads: readonly Range[]
    }
  /** `export default <expression>`; `keyword` covers `export default`. */
  | { readonly form: 'default-expression'; readonly keyword: Range; readonly expression: Node }
  /** `export { local as name }`, with `from` when re-exported. */
  | {
      readonly form: 'specifier'
      readonly statement: Range
      readonly specifier: Range
      readonly clause: Clause
      readonly local: string
      readonly binding: Binding
      readonly from: string | undefined
    }
  /** What `export * from` brings. An export of that name beside it goes first. */
  | {
      readonly form: 'star'
      readonly statement: Range
      readonly local: string
      readonly binding: Binding
      readonly from: string
    }
  /** `exports.name = …`, `module.exports = { name }`; `target` is the expression that holds the value. */
  | { readonly form: 'commonjs'; readonly target: string }
  /** What else a CommonJS module exports by a name: a getter, what is assigned below its top level, `export =`. */
  | { readonly form: 'commonjs-late' }
  | { readonly form: 'unsupported'; readonly why: string; readonly code?: BuildCode }

/** Between the braces. `specifiers` has those of types, too. */
export interface Clause extends Range {
  readonly specifiers: readonly Range[]
}

export function unsupported(why: string, code?: BuildCode): Shape {
  return { form: 'unsupported', why, ...(code && { code }) }
}

export function defaultShape(
  statement: Node,
  bindingOf: Bindings,
  signatures: readonly Node[],
  comments: readonly Comment[],
  code: string,
): Shape {
  const { declaration } = statement
  const { type, id, decorators = [], start } = declaration
  const isFunction = type === 'FunctionDeclaration'
  // An expression keeps the name `default`, but `abstract` and decorators of the old kind stand at declarations only.
  const isDeclaration = isFunction || id || declaration.abstract || decorators.length > 0
  if (isDeclaration && /^(Function|Class)Declaration$/.test(type)) {
    const word = isFunction ? 'function' : 'class'
    const keyword = findToken(word, Math.max(start, decorators.at(-1)?.end ?? 0), code, comments) + word.length
    const nameAt = declaration.generator ? findToken('*', keyword, code, comments) + 1 : keyword
    const overloads = findOverloads(signatures, statement.type, id?.name)
    const binding = id ? bindingOf(id.name) : createAnonymous(isFunction ? 'function' : 'class', statement)
    return { form: 'default-declaration', statement, declaration, local: id?.name, nameAt, binding, overloads }
  }
  const end = findToken('default', statement.start, code, comments) + 'default'.length
  return { form: 'default-expression', keyword: { start: statement.start, end }, expression: declaration }
}

/** The signatures before an exported function: they carry an `export` of their own. */
export function findOverloads(signatures: readonly Node[], type: string, name: string | undefined): Range[] {
  return signatures.filter((node) => node.type === type && node.declaration.id?.name === name)
}

export function toClause({ specifiers, start }: Node, code: string, comments: readonly Comment[]): Clause {
  const open = findToken('{', start, code, comments) + 1
  return { start: open, end: findToken('}', specifiers.at(-1)?.end ?? open, code, comments), specifiers }
}
