/** Statements that are taken out of a module with the lines that they stand on. */
import type { MagicString } from 'magic-string'
import type { Node, Range } from '../ast.ts'
import type { Module } from './modules.ts'

export function removeLines(statement: Node, { code, scopes }: Module, edits: MagicString): void {
  const { start, end } = linesOf(statement, code)
  const after = /^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*(.)/.exec(code.slice(statement.end))?.[1] ?? ''
  const before = code.slice(0, statement.start).trimEnd().at(-1) ?? ';'
  // Without a semicolon between them, the lines around it would be one statement.
  const isJoined = /[([`+\-/]/.test(after) && !/[;{}]/.test(before) && scopes.parentOf(statement).type !== 'IfStatement'
  if (isJoined) edits.update(statement.start, statement.end, ';')
  else edits.remove(start, end)
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
