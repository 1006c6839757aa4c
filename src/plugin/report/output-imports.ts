/** Which packages a finished output imports. Only a candidate, found by its text, makes it be parsed. */
import type { Node } from '../ast.ts'
import { parse } from '../parse.ts'
import { findDepth } from '../unread.ts'

/** What stands before the quote. */
const IMPORTING = /(?:^|[^\w$.])(?:(?:from|import)\s*|(?:import|_*require\d*)\s*\(\s*)$/
/** A specifier is no longer than this. */
const MAX_LENGTH = 300

/**
 * @param names whose specifiers are wanted: the beginnings of packages, or of what is below one in a path
 * @returns each specifier once; of a text that is not JavaScript none
 */
export function importsIn(code: string, names: readonly string[]): string[] {
  const candidates = names.flatMap((name) => [...candidatesIn(code, name)])
  if (candidates.length === 0) return []
  // The parser would end the process: unread.ts.
  if (findDepth(code) !== undefined) return []
  // A comment, or a string, may have the same text.
  const { program, errors } = parse('output.js', code)
  if (errors.length > 0) return []
  return [...new Set(candidates.filter(({ at }) => isLiteral(program, at)).map(({ specifier }) => specifier))]
}

function* candidatesIn(code: string, name: string): Generator<{ at: number; specifier: string }> {
  for (let at = code.indexOf(name); at !== -1; at = code.indexOf(name, at + name.length)) {
    const before = code.slice(Math.max(0, at - MAX_LENGTH), at)
    const [, path] = /["'`]((?:[^"'`\n]*[/\\])?)$/.exec(before) ?? []
    if (path === undefined) continue
    const rest = /^[^"'`\n]*/.exec(code.slice(at, at + MAX_LENGTH))![0]
    const quote = at - path.length - 1
    if (IMPORTING.test(code.slice(Math.max(0, quote - 24), quote))) yield { at: quote, specifier: path + rest }
  }
}

/** A loop: a thousand additions in a row nest as deep. */
function isLiteral(program: Node, at: number): boolean {
  for (let node: Node | undefined = program; node;) {
    if ((node.type === 'Literal' || node.type === 'TemplateLiteral') && node.start === at) return true
    const children: (Node | null | undefined)[] = Object.values(node).flat()
    node = children.find((child) => child && child.start <= at && at < child.end) ?? undefined
  }
  return false
}
