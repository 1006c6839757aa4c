/** Statements that are taken out of a module with the lines that they stand on. */
import type { MagicString } from 'magic-string'
import type { Node, Range } from '../ast.ts'
import type { Module } from './modules.ts'

/** @param removed all that is taken out of the module */
export function removeLines(statement: Node, module: Module, removed: readonly Node[], edits: MagicString): void {
  const { start, end } = ownRange(statement, module.code)
  if (wouldJoin(module, removed, start, end)) return void edits.update(start, end, ';')
  const lines = linesOf({ start, end }, module.code)
  edits.remove(lines.start, lines.end)
}

/** Without a semicolon on a later line: it stands before the statement there, for those who write none. */
function ownRange({ start, end, expression }: Node, code: string): Range {
  return { start, end: expression && code.slice(expression.end, end).includes('\n') ? expression.end : end }
}

/** Whether what ends before `to` and what begins after `from` are one statement, for want of a semicolon. */
export function wouldJoin({ code, comments }: Module, removed: readonly Node[], to: number, from: number): boolean {
  const [, after = ''] = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*(.)/.exec(code.slice(from)) ?? []
  if (!/[([`+\-/]/.test(after)) return false
  let before = code.slice(0, to).trimEnd()
  for (const { start, end } of [...comments, ...removed].toSorted((one, other) => other.end - one.end)) {
    if (end === before.length) before = before.slice(0, start).trimEnd()
  }
  return before !== '' && !/[;{:]$/.test(before)
}

function linesOf({ start, end }: Range, code: string): Range {
  const lineStart = code.lastIndexOf('\n', start - 1) + 1
  const [rest = ''] = /^[^\S\n]*(?:\/\/[^\n]*)?(?:\n|$)/.exec(code.slice(end)) ?? []
  const isAlone = code.slice(lineStart, start).trim() === '' && (rest !== '' || end === code.length)
  if (!isAlone) {
    const [space = ''] = /^[^\S\n]*/.exec(code.slice(end)) ?? []
    return { start, end: end + space.length }
  }
  const lines = { start: lineStart, end: end + rest.length }
  // Of two blank lines that meet, one is enough; none is needed beside a brace.
  const [blank = ''] = /^[^\S\n]*\n/.exec(code.slice(lines.end)) ?? []
  const [before = ''] = /(?:^|\n)[^\S\n]*\n$/.exec(code.slice(0, lineStart)) ?? []
  if (before && (blank || /^[^\S\n]*\}/.test(code.slice(lines.end)))) {
    return { start: lineStart - before.replace(/^\n/, '').length, end: lines.end }
  }
  return /\{\s*$/.test(code.slice(0, lineStart)) || lines.start === 0
    ? { ...lines, end: lines.end + blank.length }
    : lines
}
