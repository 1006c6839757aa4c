/** The modules that a finding is followed through, each read and parsed once. */
import type { Comment, Program } from 'oxc-parser'
import { basename } from 'pathe'
import type { Node } from '../ast.ts'
import { parse } from '../parse.ts'
import { findUnread } from '../unread.ts'
import type { Names } from './reach.ts'
import { findScopes, type Scopes } from './scopes.ts'

/** The file system, as far as it is looked at. */
export interface Sources {
  /** @returns an absolute path; undefined: no file of the project */
  resolve(specifier: string, importer: string): string | undefined
  read(file: string): string | undefined
  /** @returns which of its exports are wrapped; undefined: it may also run outside of wrapped handlers */
  handlersOf(file: string): Names | undefined
}

export interface Module {
  readonly file: string
  readonly code: string
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly scopes: Scopes
}

export interface Modules {
  /** @returns undefined where it is no file of the project, or cannot be read or parsed */
  follow(specifier: string, importer: Module): Module | undefined
}

export function createModules({ resolve, read }: Sources): Modules {
  const loaded = new Map<string, Module | undefined>()
  const load = (file: string) => {
    if (!loaded.has(file)) {
      const code = read(file)
      loaded.set(file, code === undefined ? undefined : parseModule(file, code))
    }
    return loaded.get(file)
  }
  return {
    follow(specifier, importer) {
      const file = specifier.startsWith('.') ? resolve(specifier, importer.file) : undefined
      return file === undefined ? undefined : load(file)
    },
  }
}

export function parseModule(file: string, code: string): Module | undefined {
  if (!/\.[cm]?[jt]sx?$/.test(file) || findUnread(code)) return undefined
  const { program, comments, errors } = parse(basename(file), code)
  if (errors.length > 0) return undefined
  try {
    return { file, code, program, comments, scopes: findScopes(program) }
  } catch {
    // Thousands of operators in a row are a tree too deep to walk: nobody wrote that by hand.
    return undefined
  }
}

/** What a module exports by a name: an expression, or the name in another module. */
export type Exported = { readonly value: Node } | { readonly from: string; readonly name: string }

export function findExport({ program }: Module, name: string): Exported | undefined {
  for (const statement of program.body as Node[]) {
    const { type, declaration, specifiers = [], source, expression } = statement
    if (type === 'ExportDefaultDeclaration' && name === 'default') return { value: declaration }
    if (type === 'ExportNamedDeclaration') {
      for (const { exported, local } of specifiers) {
        if ((exported.name ?? exported.value) !== name) continue
        return source ? { from: source.value, name: local.name ?? local.value } : { value: local }
      }
      const ids = declaration?.declarations?.map(({ id }: Node) => id) ?? [declaration?.id]
      const id = ids.find((id: Node) => id?.name === name)
      if (id) return { value: id }
    }
    // `exports.name = …`, `module.exports.name = …`, `module.exports = { name: … }`
    if (type !== 'ExpressionStatement' || expression.type !== 'AssignmentExpression') continue
    const { left, right } = expression
    if (left.type !== 'MemberExpression' || left.computed) continue
    if (left.property.name === name && isExports(left.object)) return { value: right }
    if (!isExports(left)) continue
    if (name === 'default') return { value: right }
    const property = right.properties?.find(({ key, computed }: Node) => !computed && key?.name === name)
    if (property) return { value: property.value }
  }
  return undefined
}

/** The modules that `export * from` brings all of. */
export function starsOf({ program }: Module): string[] {
  return (program.body as Node[]).flatMap(({ type, source, exported }) =>
    type === 'ExportAllDeclaration' && !exported ? source.value : [],
  )
}

/** Modules that only lend what a flush is given to: they do nothing when they are loaded. */
export function isLent(specifier: string): boolean {
  return /^(next\/server|@vercel\/functions|cloudflare:workers)$/.test(specifier)
}

function isExports({ type, name, object, property }: Node): boolean {
  if (type === 'Identifier') return name === 'exports'
  return type === 'MemberExpression' && object.name === 'module' && property.name === 'exports'
}
