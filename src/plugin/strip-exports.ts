/** Takes away the `export` of what is wrapped, and of nothing else. */
import type { MagicString } from 'magic-string'
import { boundIdentifiers, findToken, type Node, type Range } from './ast.ts'
import type { Source } from './head.ts'
import type { Shape } from './shapes.ts'

type Declaration = Extract<Shape, { form: 'declaration' }>
type Specifier = Extract<Shape, { form: 'specifier' }>

/** Returns what is left to export under its own name. */
export function stripExports(magic: MagicString, source: Source, shapes: readonly Shape[]): string[] {
  const declarations = new Map<Range, Declaration[]>()
  const clauses = new Map<Range, Specifier[]>()
  for (const shape of shapes) {
    if (shape.form === 'declaration')
      declarations.set(shape.statement, [...(declarations.get(shape.statement) ?? []), shape])
    if (shape.form === 'specifier') clauses.set(shape.statement, [...(clauses.get(shape.statement) ?? []), shape])
    if (shape.form === 'default-declaration') magic.remove(shape.statement.start, shape.declaration.start)
    if ('overloads' in shape) for (const { start, end } of shape.overloads) magic.remove(start, end)
    // A namespace is merged with the function or class of its name, which both are exported or neither.
    if (shape.form !== 'declaration') continue
    for (const { type, start, declaration } of shape.binding.namespaces) {
      if (type === 'ExportNamedDeclaration') magic.remove(start, declaration.start)
    }
  }
  for (const taken of clauses.values()) stripClause(magic, source, taken)
  return [...declarations.values()].flatMap((taken) => stripDeclaration(magic, source, taken))
}

/**
 * A list of variables becomes statements of their own, as soon as some are exported as before: frameworks read
 * `export const runtime = 'edge'` from the source.
 */
function stripDeclaration(magic: MagicString, { code, comments }: Source, shapes: readonly Declaration[]): string[] {
  const [{ statement, declaration }] = shapes as readonly [Declaration]
  const taken = new Set(shapes.map(({ declarator }) => declarator))
  const all: Node[] = declaration.declarations ?? [declaration]
  if (taken.has(all[0])) magic.remove(statement.start, declaration.start)
  for (const [i, declarator] of all.entries()) {
    const before = all[i - 1]
    if (!before || taken.has(before) === taken.has(declarator)) continue
    const comma = findToken(',', before.end, code, comments)
    const word = `${taken.has(declarator) ? '' : 'export '}${declaration.kind}`
    magic.overwrite(comma, comma + 1, `; ${word}${/\s/.test(code[comma + 1]!) ? '' : ' '}`)
  }
  const wrapped = new Set(shapes.map(({ local }) => local))
  const bound = all.filter((declarator) => taken.has(declarator)).flatMap(({ id }) => [...boundIdentifiers(id)])
  return bound.map(({ name }) => name).filter((name) => !wrapped.has(name))
}

function stripClause(magic: MagicString, { code }: Source, shapes: readonly Specifier[]): void {
  const { start, end, specifiers } = shapes[0]!.clause
  const taken = new Set(shapes.map(({ specifier }) => specifier))
  const kept = specifiers.filter((specifier) => !taken.has(specifier))
  const text = kept.map((specifier) => code.slice(specifier.start, specifier.end)).join(', ')
  magic.overwrite(start, end, text ? ` ${text} ` : ' ')
}
