/**
 * (program) → what the module exports, with ranges. Knows no platform and changes nothing: the shapes
 * below are the ones that `transform.ts` can rewrite, everything else carries the reason why not.
 */
import { Visitor, type Comment, type Program } from 'oxc-parser'
import { boundIdentifiers, functionness, nameOf, unwrap, type Node, type Range } from './ast.ts'
import { commonJsAssignments } from './commonjs.ts'

export interface ExportedValue {
  /** The exported name, `default` included. */
  readonly name: string
  /** Where the name stands, for messages. */
  readonly start: number
  readonly shape: Shape
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
    }
  /** `export default function named() {}` */
  | {
      readonly form: 'default-declaration'
      readonly statement: Range
      readonly declaration: Range
      readonly local: string
    }
  /** `export default <expression>` */
  | { readonly form: 'default-expression'; readonly statement: Range; readonly expression: Range }
  /** `export { local as name }`, with `from` when re-exported. */
  | {
      readonly form: 'specifier'
      readonly statement: Range
      readonly specifier: Range
      readonly local: string
      readonly hoisted: boolean
      readonly from: string | undefined
    }
  /** `exports.name = …`, `module.exports = { name }`; `target` is the expression that holds the value. */
  | { readonly form: 'commonjs'; readonly target: string }
  | { readonly form: 'unsupported'; readonly why: string }

export interface Exports {
  readonly values: readonly ExportedValue[]
  /** Sources of `export * from`. */
  readonly stars: readonly string[]
  readonly isCommonJs: boolean
}

export function findExports(program: Program, comments: readonly Comment[], code: string): Exports {
  const body = program.body as Node[]
  const functions = new Set(body.map(topLevelFunction).filter((name): name is string => name !== undefined))
  const isIgnored = (start: number) =>
    comments.some(
      ({ value, end }) => end <= start && /^\s*otel:ignore\b/.test(value) && code.slice(end, start).trim() === '',
    )
  const values: ExportedValue[] = []
  const stars: string[] = []
  const add = (name: string, node: Range, shape: Shape, isFunction: boolean | undefined, marks: Range[] = [node]) =>
    values.push({ name, start: node.start, shape, isFunction, ignored: marks.some(({ start }) => isIgnored(start)) })

  for (const statement of body) {
    if (statement.type === 'ExportAllDeclaration' && statement.exportKind !== 'type') {
      if (statement.exported)
        add(
          nameOf(statement.exported),
          statement.exported,
          { form: 'unsupported', why: 'a namespace, not a function' },
          false,
        )
      else stars.push(statement.source.value)
    }
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement
      // An overload or an interface: the implementation, if any, is another statement.
      if (/^TS(Declare|Interface)/.test(declaration.type)) continue
      add('default', statement, defaultShape(statement, declaration), functionness(declaration))
    }
    if (statement.type !== 'ExportNamedDeclaration' || statement.exportKind === 'type') continue
    const { declaration } = statement
    if (!declaration) {
      for (const specifier of statement.specifiers) {
        if (specifier.exportKind === 'type') continue
        const local = nameOf(specifier.local)
        const from = statement.source
          ? code.slice(statement.source.start, statement.end).replace(/;\s*$/, '')
          : undefined
        const shape: Shape = {
          form: 'specifier',
          statement,
          specifier,
          local,
          hoisted: !from && functions.has(local),
          from,
        }
        add(nameOf(specifier.exported), specifier, shape, functions.has(local) || undefined, [statement, specifier])
      }
    } else if (declaration.type === 'FunctionDeclaration') {
      add(
        declaration.id.name,
        declaration.id,
        { form: 'declaration', statement, declaration, local: declaration.id.name, hoisted: true },
        true,
        [statement],
      )
    } else if (declaration.type === 'VariableDeclaration' && !declaration.declare) {
      for (const declarator of declaration.declarations) {
        for (const id of boundIdentifiers(declarator.id)) {
          add(id.name, id, variableShape(program, statement, declarator, id), functionness(declarator.init), [
            statement,
          ])
        }
      }
    }
  }
  const isEsm = body.some(({ type }) => /^(Import|Export|TSExportAssignment)/.test(type))
  if (isEsm) return { values, stars, isCommonJs: false }
  for (const statement of body) {
    for (const [name, target, node, value] of commonJsAssignments(statement.expression)) {
      if (values.every((known) => known.name !== name))
        add(name, node, { form: 'commonjs', target }, functionness(value), [statement, node])
    }
  }
  return { values, stars, isCommonJs: values.length > 0 }
}

function variableShape(program: Program, statement: Node, declarator: Node, id: Node): Shape {
  if (statement.declaration.declarations.some((other: Node) => other.id.type !== 'Identifier')) {
    return { form: 'unsupported', why: 'a destructured export' }
  }
  if (!declarator.init) return { form: 'unsupported', why: 'declared without a value' }
  if (statement.declaration.kind !== 'const' && isReassigned(program, id.name)) {
    return { form: 'unsupported', why: 'assigned again later' }
  }
  return { form: 'declaration', statement, declaration: statement.declaration, local: id.name, hoisted: false }
}

function defaultShape(statement: Node, declaration: Node): Shape {
  const { type } = unwrap(declaration)
  if (type === 'FunctionDeclaration' && declaration.id) {
    return { form: 'default-declaration', statement, declaration, local: declaration.id.name }
  }
  if (/^(Class|Literal|ObjectExpression|ArrayExpression|TemplateLiteral)/.test(type)) {
    return { form: 'unsupported', why: 'not a function' }
  }
  return { form: 'default-expression', statement, expression: declaration }
}

function topLevelFunction(statement: Node): string | undefined {
  const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
  return declaration?.type === 'FunctionDeclaration' ? declaration.id?.name : undefined
}

function isReassigned(program: Program, name: string): boolean {
  let found = false
  const check = (target: Node) => {
    for (const id of boundIdentifiers(target)) found ||= id.name === name
  }
  new Visitor({
    AssignmentExpression: (node) => check(node.left),
    UpdateExpression: (node) => check(node.argument),
  }).visit(program)
  return found
}
