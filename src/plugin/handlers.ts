/**
 * (program) → what the module exports, with ranges. Knows no platform and changes nothing: what cannot be
 * rewritten carries the reason why not.
 */
import type { Comment, Program } from 'oxc-parser'
import { boundIdentifiers, findLateBindings, findToken, functionness, nameOf, type Node, type Range } from './ast.ts'
import { findCommonJsExports, findHiddenExports } from './commonjs.ts'
import type { Stars } from './re-exports.ts'
import {
  classShape,
  defaultShape,
  findOverloads,
  toClause,
  topLevelFunction,
  unsupported,
  variableShape,
  type Shape,
} from './shapes.ts'

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

export interface Exports {
  readonly values: readonly ExportedValue[]
  /** What may export a handler without naming it. */
  readonly unnamed: readonly { readonly why: string; readonly start: number }[]
  readonly isCommonJs: boolean
}

/** @param stars what is known of each `export * from` */
export function findExports(program: Program, comments: readonly Comment[], code: string, stars: Stars): Exports {
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
  const starred: Node[] = []
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
      const { exported } = statement
      if (exported) add(nameOf(exported), exported, unsupported('a namespace, not a function'), undefined)
      else starred.push(statement)
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
      const from = statement.source && sourceOf(statement, code, comments)
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
          // Taken out of an object, only running it tells what it is.
          const value = declarator.id === id ? declarator.init : undefined
          add(id.name, id, shape, value, [statement, id])
        }
      }
    }
  }
  const explicit = new Set(values.map(({ name }) => name))
  for (const statement of starred) {
    const { source, start } = statement
    const { names, why = '' } = stars[source.value] ?? { names: [], why: 'not followed with this bundler' }
    const shape = { form: 'star', from: sourceOf(statement, code, comments) } as const
    for (const name of names) if (!explicit.has(name)) add(name, statement, { ...shape, local: name }, undefined)
    if (why) unnamed.push({ why: `may come by \`export * from '${source.value}'\`: export it by name (${why})`, start })
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

/** The specifier with its attributes, as written. */
function sourceOf({ source, attributes }: Node, code: string, comments: readonly Comment[]): string {
  const last = attributes?.at(-1)
  return code.slice(source.start, last ? findToken('}', last.end, code, comments) + 1 : source.end)
}
