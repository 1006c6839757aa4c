/** What the names at the top level of a module stand for, and for how long. Changes nothing. */
import type { Program } from 'oxc-parser'
import { findAssignments, type Assignment } from './assignments.ts'
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
}

export type Bindings = (name: string) => Binding

export const UNKNOWN: Binding = { kind: 'unknown', end: 0, value: undefined, assignments: [], namespaces: [] }

/** Of another module. */
export const RE_EXPORTED: Binding = { ...UNKNOWN, kind: 'import' }

/** Of a default export without a name: nothing can assign it. */
export function createAnonymous(kind: 'function' | 'class', { end, declaration }: Node): Binding {
  return { ...UNKNOWN, kind, end, value: declaration }
}

export function findBindings(program: Program): Bindings {
  const bindings = new Map<string, Omit<Binding, 'assignments' | 'namespaces'>>()
  const namespaces = new Map<string, Node[]>()
  for (const statement of program.body as Node[]) {
    const declaration = /^Export(Named|Default)/.test(statement.type) ? statement.declaration : statement
    const { type, id } = declaration ?? {}
    const { end } = statement
    if (type === 'FunctionDeclaration' && id) bindings.set(id.name, { kind: 'function', end, value: declaration })
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
          bindings.set(name, { kind, end, value })
        }
      }
    }
    if (type === 'ImportDeclaration') {
      for (const { local } of statement.specifiers) {
        bindings.set(local.name, { kind: 'import', end, value: undefined })
      }
    }
  }
  const assignable = [...bindings].filter(([, { kind }]) => kind !== 'const' && kind !== 'import')
  const assignments = findAssignments(
    program,
    assignable.map(([name]) => name),
  )
  return (name) => ({
    ...(bindings.get(name) ?? UNKNOWN),
    assignments: assignments.get(name) ?? [],
    namespaces: namespaces.get(name) ?? [],
  })
}
