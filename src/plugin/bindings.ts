/** What the names at the top level of a module stand for, and for how long. Changes nothing. */
import type { Program } from 'oxc-parser'
import { findAssignments, varsOf, type Assignment } from './assignments.ts'
import { boundIdentifiers, type Node } from './ast.ts'

export interface Binding {
  /** `unknown`: bound in no way that is looked at. */
  readonly kind: 'function' | 'class' | 'const' | 'let' | 'var' | 'import' | 'unknown'
  /** The end of the statement that binds it. */
  readonly end: number
  /** A function's or a class's declaration, or what a variable is initialized with. */
  readonly value: Node
  readonly assignments: readonly Assignment[]
  /** `namespace handler {}`: what it holds is added to the function or class of that name. */
  readonly namespaces: readonly Node[]
  /** There is a `var` of that name below the top level, or beside the function of that name. */
  readonly hasOtherVar: boolean
}

export interface Bindings {
  (name: string): Binding
  /** Whether the module has a name for its types alone: then it exports nothing by it, with or without `type`. */
  isType(name: string): boolean
}

export const UNKNOWN: Binding = {
  kind: 'unknown',
  end: 0,
  value: undefined,
  assignments: [],
  namespaces: [],
  hasOtherVar: false,
}

/** Of another module. */
export const RE_EXPORTED: Binding = { ...UNKNOWN, kind: 'import' }

/** Of a default export without a name: nothing can assign it. */
export function createAnonymous(kind: 'function' | 'class', { end, declaration }: Node): Binding {
  return { ...UNKNOWN, kind, end, value: declaration }
}

export function findBindings(program: Program, code: string): Bindings {
  const bindings = new Map<string, Pick<Binding, 'kind' | 'end' | 'value'>>()
  const otherVars = new Set<string>()
  const namespaces = new Map<string, Node[]>()
  const types = new Set<string>()
  for (const statement of program.body as Node[]) {
    const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
    const { type, id } = declaration ?? {}
    const { end } = statement
    for (const { name } of typesOf(declaration ?? statement)) types.add(name)
    if (declaration?.declare) continue
    for (const name of type === 'VariableDeclaration' ? [] : varsOf(declaration)) {
      otherVars.add(name)
      if (!bindings.has(name)) bindings.set(name, { kind: 'var', end, value: undefined })
    }
    if (type === 'FunctionDeclaration' && id) {
      if (bindings.get(id.name)?.kind === 'var') otherVars.add(id.name)
      bindings.set(id.name, { kind: 'function', end, value: declaration })
    }
    if (type === 'ClassDeclaration' && id) bindings.set(id.name, { kind: 'class', end, value: declaration })
    if (type === 'TSModuleDeclaration' && id.type === 'Identifier') {
      namespaces.set(id.name, [...(namespaces.get(id.name) ?? []), statement])
    }
    if (type === 'VariableDeclaration') {
      for (const declarator of declaration.declarations) {
        for (const { name } of boundIdentifiers(declarator.id)) {
          // Taken out of an object, only running it tells what it is.
          const value = declarator.id.name === name ? declarator.init : undefined
          const kind = declaration.kind.endsWith('using') ? 'const' : declaration.kind
          if (bindings.get(name)?.kind === 'function') otherVars.add(name)
          bindings.set(name, { kind, end, value })
        }
      }
    }
    if (type === 'ImportDeclaration') {
      for (const { local, importKind } of statement.importKind === 'type' ? [] : statement.specifiers) {
        if (importKind !== 'type') bindings.set(local.name, { kind: 'import', end, value: undefined })
      }
    }
  }
  const assignable = exportedNames(program.body).filter((name) => {
    const kind = bindings.get(name)?.kind ?? 'const'
    return kind !== 'const' && kind !== 'import' && isMentionedAgain(name, code)
  })
  const assignments = findAssignments(program, assignable)
  const bindingOf = (name: string) => ({
    ...(bindings.get(name) ?? UNKNOWN),
    assignments: assignments.get(name) ?? [],
    namespaces: namespaces.get(name) ?? [],
    hasOtherVar: otherVars.has(name),
  })
  return Object.assign(bindingOf, { isType: (name: string) => types.has(name) && !bindings.has(name) })
}

/** The names that a statement has for types alone. */
function typesOf({ type, id, declare, importKind, specifiers = [], declarations }: Node): Node[] {
  if (/^TS(Interface|TypeAlias)Declaration$/.test(type)) return [id]
  if (type === 'ImportDeclaration') {
    const isType = (specifier: Node) => importKind === 'type' || specifier.importKind === 'type'
    return specifiers.filter(isType).map(({ local }: Node) => local)
  }
  if (!declare || !/^(Class|Function|Variable)Declaration$/.test(type)) return []
  return declarations?.flatMap((declarator: Node) => [...boundIdentifiers(declarator.id)]) ?? [id]
}

function exportedNames(body: readonly Node[]): string[] {
  return body.flatMap(({ type, source, declaration, specifiers }) => {
    if (!/^Export(Named|Default)Declaration$/.test(type) || source) return []
    const ids = declaration?.declarations?.flatMap(({ id }: Node) => [...boundIdentifiers(id)]) ?? [declaration?.id]
    const locals = specifiers?.map(({ local }: Node) => local) ?? []
    return [...ids, ...locals].flatMap((id) => id?.name ?? [])
  })
}

/** What is written once is not assigned, and nobody has to look where: looking takes longer than the parse. */
function isMentionedAgain(name: string, code: string): boolean {
  return code.indexOf(name) !== code.lastIndexOf(name) || code.includes('\\u')
}
