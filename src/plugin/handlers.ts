/**
 * (program) → what the module exports, with ranges. Knows no platform and changes nothing: what cannot be
 * rewritten carries the reason why not.
 */
import type { Comment, Program } from 'oxc-parser'
import { boundIdentifiers, findToken, functionness, lastComment, nameOf, type Node, type Range } from './ast.ts'
import type { BuildCode } from './report/codes.ts'
import { findBindings, RE_EXPORTED, UNKNOWN } from './bindings.ts'
import { findCommonJsExports } from './commonjs.ts'
import type { Stars } from './re-exports.ts'
import { defaultShape, findOverloads, toClause, unsupported, type Shape } from './shapes.ts'

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
  readonly unnamed: readonly Unnamed[]
  readonly isCommonJs: boolean
  /** The object that a CommonJS module exports is one that it made itself. */
  readonly isOwn: boolean
  /** A `return` at the top level: what stands at the end of the module may not run. */
  readonly returned?: Range | undefined
  /** `export = expression` */
  readonly assignment?: Range & { readonly expression: Range }
}

export interface Unnamed {
  readonly code: BuildCode
  readonly why: string
  readonly start: number
  /** CommonJS: the end of the module sees whatever it is. */
  readonly isGuarded?: boolean
}

/** @param stars what is known of each `export * from` */
export function findExports(program: Program, comments: readonly Comment[], code: string, stars: Stars): Exports {
  const body = program.body as Node[]
  const bindingOf = findBindings(program, code)
  const signatures = body.filter(({ declaration }) => declaration?.type === 'TSDeclareFunction')
  const isIgnored = ({ start }: Range) => {
    const comment = lastComment(comments, start)
    return (
      comment !== undefined &&
      /^[\s*]*otel:ignore\b/.test(comment.value) &&
      code.slice(comment.end, start).trim() === ''
    )
  }
  const values: ExportedValue[] = []
  const unnamed: Unnamed[] = []
  const starred: Node[] = []
  const add = (name: string, node: Range, shape: Shape, value: Node, marks: Range[] = [node]) => {
    const isFunction = functionness(value)
    // What is assigned to it, only running the module tells.
    const { kind, assignments, hasOtherVar } = 'binding' in shape ? shape.binding : UNKNOWN
    const isOpen = (assignments.length > 0 || hasOtherVar) && kind !== 'class' && !isFunction
    const known = isOpen ? { value: undefined, isFunction: undefined } : { value, isFunction }
    values.push({ name, start: node.start, shape: followable(shape), ignored: marks.some(isIgnored), ...known })
  }

  for (const statement of body) {
    const { type, declaration } = statement
    if (type === 'ExportAllDeclaration' && statement.exportKind !== 'type') {
      const { exported } = statement
      if (exported) add(nameOf(exported), exported, unsupported('a namespace, not a function'), undefined)
      else starred.push(statement)
    }
    // An overload or an interface: the implementation, if any, is another statement.
    const isType = /^TS(Declare|Interface)/.test(declaration?.type) || bindingOf.isType(declaration?.name)
    if (type === 'ExportDefaultDeclaration' && !isType) {
      const shape = defaultShape(statement, bindingOf, signatures, comments, code)
      add('default', statement, shape, declaration, [declaration.decorators?.[0] ?? statement, statement, declaration])
    }
    if (type !== 'ExportNamedDeclaration' || statement.exportKind === 'type') continue
    if (!declaration) {
      const clause = toClause(statement, code, comments)
      const from = statement.source && sourceOf(statement, code, comments)
      for (const specifier of statement.specifiers) {
        if (specifier.exportKind === 'type') continue
        const local = nameOf(specifier.local)
        if (!from && bindingOf.isType(local)) continue
        const binding = from ? RE_EXPORTED : bindingOf(local)
        const shape: Shape = { form: 'specifier', statement, specifier, clause, local, binding, from }
        const value = binding.kind === 'function' ? binding.value : from ? undefined : specifier.local
        add(nameOf(specifier.exported), specifier, shape, value, [statement, specifier])
      }
    } else if (/^(Function|Class|Variable)Declaration$/.test(declaration.type) && !declaration.declare) {
      const first: Range = declaration.decorators?.[0] ?? statement
      for (const declarator of declaration.declarations ?? [declaration]) {
        for (const id of boundIdentifiers(declarator.id)) {
          const [local, binding] = [id.name, bindingOf(id.name)]
          const overloads = findOverloads(signatures, type, local)
          const shape: Shape = { form: 'declaration', statement, declaration, declarator, local, binding, overloads }
          add(local, id, shape, binding.value, [first, declaration, id])
        }
      }
    }
  }
  // What a module exports by name goes before what a star brings.
  const taken = new Set(values.map(({ name }) => name))
  for (const { type, declaration } of body) {
    const isOther = type === 'ExportNamedDeclaration' && /^TS(Enum|Module|ImportEquals)/.test(declaration?.type)
    if (isOther && declaration.id.name) taken.add(declaration.id.name)
  }
  for (const statement of starred) {
    const { source, start } = statement
    const { names, why = '' } = stars[source.value] ?? { names: [], why: 'not followed with this bundler' }
    const shape = { form: 'star', statement, binding: RE_EXPORTED, from: sourceOf(statement, code, comments) } as const
    // Two stars may bring the same one.
    for (const name of names.filter((each) => !taken.has(each))) {
      taken.add(name)
      add(name, statement, { ...shape, local: name }, undefined)
    }
    if (why) unnamed.push({ code: 'UO109', why: `may come by \`export * from '${source.value}'\`: ${why}`, start })
  }
  // TypeScript makes CommonJS of `export =`, also beside an `import`.
  const assignment = body.find(({ type }) => type === 'TSExportAssignment')
  const isEsm = !assignment && body.some(({ type }) => /^(Import|Export)/.test(type))
  const commonJs = findCommonJsExports(program, isEsm, assignment)
  for (const { name, node, statement, target, value, isLate } of commonJs.values) {
    const shape: Shape = isLate || assignment ? { form: 'commonjs-late' } : { form: 'commonjs', target }
    const reason = 'assigned to `exports` in an ES module, so nobody gets it'
    add(name, node, isEsm ? unsupported(reason, 'UO112') : shape, value, [statement, node])
  }
  for (const { start } of isEsm ? [] : commonJs.open) {
    const ignored = isIgnored({ start, end: start })
    unnamed.push({ code: ignored ? 'UO100' : 'UO108', why: ignored ? 'otel:ignore' : '', start, isGuarded: !ignored })
  }
  const { isOwn, returned } = commonJs
  return { values, unnamed, isCommonJs: !isEsm, isOwn, returned, ...(assignment && { assignment }) }
}

/** A shape, unless what it is bound to cannot be followed. */
function followable(shape: Shape): Shape {
  if (!('binding' in shape)) return shape
  const { kind, assignments, namespaces, hasOtherVar } = shape.binding
  // It may hold types alone, and then nothing is exported.
  if (kind === 'unknown' && namespaces.length > 0) return unsupported('a namespace, not a function')
  // A syntax error that esbuild lets pass, and in CommonJS its output runs.
  if (kind === 'function' && hasOtherVar) return unsupported('a function and a `var` of the same name')
  if (assignments.some(({ isLate }) => isLate)) {
    if (assignments.some(({ isLoop }) => isLoop)) return unsupported('the head of a loop assigns it')
    if (hasOtherVar) return unsupported('functions and a `var` below the top level assign it')
  }
  // Exported by the same name as the function or class: one cannot be taken without the other.
  const isMerged = shape.form !== 'declaration' && namespaces.some(({ type }) => type.startsWith('Export'))
  return isMerged ? unsupported('merged with a namespace') : shape
}

/** The specifier with its attributes, as written. */
function sourceOf({ source, attributes }: Node, code: string, comments: readonly Comment[]): string {
  const last = attributes?.at(-1)
  return code.slice(source.start, last ? findToken('}', last.end, code, comments) + 1 : source.end)
}
