/** Where a module's imports may be added. */
import type { MagicString } from 'magic-string'
import type { Comment } from 'oxc-parser'
import type { Range } from './ast.ts'

const BOM = '\uFEFF'
/** Read at the top of a file only: triple-slash directives, `@jsxImportSource`, `@ts-nocheck`. */
const PRAGMA = /^\/\s*<|@(jsx|ts-)/

/** A module as it was written. */
export interface Source {
  readonly code: string
  readonly program: {
    readonly hashbang?: Range | null
    readonly body: readonly (Range & { readonly type: string; readonly directive?: string | null })[]
  }
  readonly comments: readonly Comment[]
}

export function addHead(magic: MagicString, source: Source, lines: readonly string[]): void {
  const { code } = source
  const at = headPosition(source)
  // The user's first statement may begin with a parenthesis, a bracket or a template, and go on with what is before it.
  magic.appendLeft(at, `${at > 0 && code[at - 1] !== BOM ? '\n' : ''}${lines.join('\n')};\n`)
}

/** After byte order mark, shebang, pragmas and directives: before them, they would lose their meaning. */
function headPosition({ code, program: { hashbang, body }, comments }: Source): number {
  let at = hashbang?.end ?? (code.startsWith(BOM) ? 1 : 0)
  const first = body[0]?.start ?? 0
  for (const { value, end } of comments) if (end <= first && PRAGMA.test(value)) at = end
  for (const { type, directive, end } of body) {
    if (type !== 'ExpressionStatement' || !directive) break
    at = end
  }
  return at
}
