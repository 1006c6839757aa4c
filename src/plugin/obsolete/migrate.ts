/** A module without what is obsolete in it. */
import { MagicString } from 'magic-string'
import type { Node } from '../ast.ts'
import { describe, findIn, type Finding, type Obsolete } from './find.ts'
import { findGone, isIn, isPure } from './gone.ts'
import { removeLines } from './lines.ts'
import { createModules, parseModule, type Module, type Sources } from './modules.ts'
import { MENTIONS } from './seeds.ts'
import { removeFinalizer } from './unwrap-try.ts'
import { removeFromList, removeUnused } from './unused.ts'
import { createValues, type Values } from './values.ts'

export interface MigrateOptions {
  /** Also what only the client of another SDK needs. */
  readonly all: boolean
  /** Also in a module that exports nothing: it may be a script, which nothing flushes but itself. */
  readonly scripts: boolean
}

export interface Migrated {
  readonly code: string
  readonly removed: readonly Obsolete[]
  /** `why` says why each is there still. */
  readonly left: readonly Obsolete[]
  /** It has something of the table, and cannot be parsed. */
  readonly isUnread?: true
}

/** @param path how the project names the file */
export function migrate(
  code: string,
  path: string,
  file: string,
  sources: Sources,
  options: MigrateOptions,
): Migrated | undefined {
  if (!MENTIONS.test(code)) return undefined
  const module = parseModule(file, code)
  if (!module) return { code, removed: [], left: [], isUnread: true }
  const modules = createModules(sources)
  const findings = findIn(module, modules, sources)
  if (findings.length === 0) return undefined
  const left = new Map<Finding, string>()
  for (const finding of findings) {
    const why = whyLeft(finding, module, options)
    if (why !== undefined) left.set(finding, why)
  }
  const values = createValues(modules)
  // What cannot be removed is only known when the rest is, and may keep more of it.
  for (;;) {
    const chosen = findings.filter((finding) => !left.has(finding))
    const before = left.size
    const edited = edit(chosen, module, values, left)
    if (left.size > before) continue
    if (chosen.length > 0 && !parseModule(file, edited)) {
      for (const finding of chosen) left.set(finding, 'what is left could not be parsed. Remove it by hand.')
      continue
    }
    const rest = findings.filter((finding) => left.has(finding))
    const described = describe(rest, module, path).map((each, at) => ({ ...each, why: left.get(rest[at]!)! }))
    return { code: edited, removed: describe(chosen, module, path), left: described }
  }
}

function whyLeft(
  { kind, isSure, outer, seed, node, why, remedy }: Finding,
  module: Module,
  { all, scripts }: MigrateOptions,
): string | undefined {
  const asIs = `${why}. ${remedy}`
  if (kind === 'wrapper' || kind === 'set-up' || (!isSure && !all)) return asIs
  if (kind === 'edge' && edgeOf(seed, node) === undefined) return asIs
  if (!scripts && !hasExports(module)) return 'the module exports no handler. If it is no script, name the file.'
  if (kind === 'flush' && module.scopes.parentOf(outer)?.type !== 'ExpressionStatement') {
    return 'its value is used. Remove it by hand.'
  }
  if (kind === 'flush' && !node.arguments.every(isPure)) return 'its arguments do something. Remove it by hand.'
  return undefined
}

function edit(chosen: readonly Finding[], module: Module, values: Values, left: Map<Finding, string>): string {
  const edits = new MagicString(module.code)
  const { parentOf } = module.scopes
  const flushes = chosen.filter(({ kind }) => kind === 'flush')
  const { statements, finalizers, kept } = findGone(
    flushes.map(({ outer }) => parentOf(outer)),
    module.scopes,
  )
  for (const finding of flushes) {
    const why = kept.get(parentOf(finding.outer))
    if (why !== undefined) left.set(finding, `${why}. Remove it by hand.`)
  }
  const removed: Node[] = [...statements]
  for (const statement of statements) {
    if (!finalizers.some(({ finalizer }) => isIn(statement, finalizer))) removeLines(statement, module, removed, edits)
  }
  for (const statement of finalizers) {
    const why = removeFinalizer(statement, module, removed, edits)
    for (const finding of why ? flushes : []) {
      if (isIn(finding.outer, statement.finalizer)) left.set(finding, `${why}. Remove it by hand.`)
    }
  }
  for (const { kind, node, seed } of chosen) {
    if (kind === 'option') removed.push(removeProperty(node, module, edits))
    if (kind === 'edge') edits.update(node.start + 1, node.end - 1, edgeOf(seed, node)!)
  }
  removeUnused(module, removed, values, edits)
  return edits.toString()
}

function removeProperty(property: Node, module: Module, edits: MagicString): Node {
  const object = module.scopes.parentOf(property)
  if (removeFromList(object.properties, new Set([property]), edits)) return property
  edits.update(object.start, object.end, '{}')
  return object
}

function edgeOf({ edge, packages }: Finding['seed'], { value }: Node): string | undefined {
  const name = packages.find((each) => value.startsWith(`${each}/`))!
  return edge?.[value.slice(name.length + 1)] === '' ? name : undefined
}

/** What registers handlers by calls may export none. */
const HANDS_OVER =
  /\bexports\b|['"](@azure\/functions|@google-cloud\/functions-framework|firebase-functions\b[^'"]*)['"]|\baddEventListener\(/

function hasExports({ program, code }: Module): boolean {
  return program.body.some(({ type }) => /^(Export|TSExport)/.test(type)) || HANDS_OVER.test(code)
}
