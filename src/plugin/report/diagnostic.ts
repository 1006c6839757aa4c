/** What a build has to say about a project, as data and as text. */
import { linkTo, type BuildCode } from './codes.ts'
import type { Position } from '../position.ts'

export interface Diagnostic extends Partial<Position> {
  /** Explained in `docs/errors.md`, and stable. */
  readonly code: BuildCode
  /**
   * `warning`: what was asked for is not done, or does not work. `near-miss`: something else may have been meant; with
   * `strict` both fail the build. `note`: good to know.
   */
  readonly severity: 'warning' | 'near-miss' | 'note'
  /** What is the case, with the values. */
  readonly fact: string
  /** What to do about it. */
  readonly remedy: string
  /** Relative to the project's root; of a file of the output (UO12x) as the bundler names it. */
  readonly path?: string
  /** The exported name; `*` is the whole module. */
  readonly name?: string
  /** The lines around the position. */
  readonly frame?: string
}

/** `src/app.ts:3:14 handler: not a function` */
export function toLine({ path, line, column, name, fact }: Diagnostic): string {
  const at = path === undefined ? '' : `${[path, line, column].filter((part) => part !== undefined).join(':')} `
  return `${at}${name === undefined || name === '*' ? '' : `${name}: `}${fact}`
}

/** With everything that is known, for warnings and errors. */
export function toText(diagnostic: Diagnostic): string {
  const { code, remedy, frame } = diagnostic
  return [`[unplugin-otel] ${toLine(diagnostic)}`, remedy, ...(frame ? [frame] : []), `${code} ${linkTo(code)}`].join(
    '\n',
  )
}

/** A line longer than this is that of a bundle. */
const MAX_WIDTH = 160

/** The line of a position and the one before it, with a mark below the column. */
export function toFrame(code: string, { line, column }: Position): string {
  const lines = code.split('\n', line)
  const shown = lines.slice(-2).map((text) => text.trimEnd().replaceAll('\t', ' '))
  if (column > MAX_WIDTH) return ''
  const width = String(line).length
  const rows = shown.map((text, at) => {
    const number = line - shown.length + 1 + at
    return `${number === line ? '>' : ' '} ${String(number).padStart(width)} | ${text.slice(0, MAX_WIDTH)}`
  })
  return [...rows, `  ${' '.repeat(width)} | ${' '.repeat(column - 1)}^`].join('\n')
}
