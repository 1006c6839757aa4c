/** What the transform, and a look at the project's other modules, found: as diagnostics, with what to do. */
import type { ParseResult } from 'oxc-parser'
import type { BuildCode } from './codes.ts'
import { toFrame, type Diagnostic } from './diagnostic.ts'
import type { WrappedHandler } from '../emit.ts'
import { parse } from '../parse.ts'
import { obsoleteOf } from '../obsolete/project.ts'
import type { Names } from '../obsolete/reach.ts'
import type { Project } from '../project.ts'
import { closest } from '../suggestion.ts'
import type { NearMiss } from '../transform.ts'
import { findUnread } from '../unread.ts'
import { withoutTexts } from '../without-texts.ts'

/** Of one module, or of one kind. Generated modules export thousands of functions. */
const MAX_LISTED = 20

/**
 * @param code the module's source
 * @param hasHandler what else it exports is seldom one, then
 */
export function diagnoseNearMisses(
  path: string,
  nearMisses: readonly NearMiss[],
  code: string,
  hasHandler: boolean,
): Diagnostic[] {
  const more = nearMisses.length - MAX_LISTED
  // A handler that is none says more than a thousand functions with other names.
  const isTelling = ({ code: each }: NearMiss) => each !== 'UO107' && each !== 'UO100'
  const listed = more > 0 ? nearMisses.toSorted((a, b) => Number(isTelling(b)) - Number(isTelling(a))) : nearMisses
  let shown: string | undefined
  const toShow = () => (shown ??= withoutTexts(code, parseSafely(path, code)))
  const found = listed.slice(0, MAX_LISTED).map((each) => toDiagnostic(path, each, toShow, hasHandler))
  const rest: Diagnostic = { code: 'UO107', severity: 'note', path, fact: `${more} more`, remedy: 'As above.' }
  return more > 0 ? [...found, rest] : found
}

/** What the parser would end the process at is not given to it. */
function parseSafely(path: string, code: string): ParseResult | undefined {
  const parsed = findUnread(code) ? undefined : parse(path, code)
  return parsed?.errors.length === 0 ? parsed : undefined
}

function toDiagnostic(path: string, miss: NearMiss, toShow: () => string, hasHandler: boolean): Diagnostic {
  const { name, line, column, code, why, names = [] } = miss
  // Functions are exported for tests, and a default export is often a configuration.
  const isHelper = code === 'UO107' ? closest(name, names) === undefined : code === 'UO108' && name === 'default'
  const severity = hasHandler && isHelper ? 'note' : (SEVERITY_OF[code] ?? 'near-miss')
  const frame = severity === 'note' ? '' : toFrame(toShow(), { line, column })
  const remedy = REMEDIES[code]?.(miss, path) ?? ''
  return { code, severity, path, line, column, name, fact: why, remedy, ...(frame && { frame }) }
}

const SEVERITY_OF: Readonly<Partial<Record<BuildCode, Diagnostic['severity']>>> = {
  UO100: 'note',
  UO110: 'warning',
  UO114: 'warning',
}

const REMEDIES: Readonly<Partial<Record<BuildCode, (miss: NearMiss, path: string) => string>>> = {
  UO107({ name, names = [] }) {
    const meant = closest(name, names)
    return `If it is a handler, ${meant ? `rename it to ${meant}, or ` : ''}add handlers: ['${name}'] to otel(); /* otel:ignore */ before it silences this.`
  },
  UO108: () => 'What it is cannot be traced: change that, or silence this with /* otel:ignore */ before the export.',
  UO109: () => "Export the handlers by name: export { handler } from '…'.",
  UO110: (_miss, path) => `Nothing in it is wrapped. Correct it, or leave it out with exclude: ['${path}'] in otel().`,
  UO112: ({ name }) => `Use export, for example: export const ${name} = …; or require in the place of import.`,
  UO114: () => 'Use the plugin in one of the two builds: the last one.',
}

export function diagnoseUnused(path: string, { name, line, column }: WrappedHandler): Diagnostic {
  const remedy = 'Bundle the modules that register handlers with it.'
  return { code: 'UO113', severity: 'near-miss', path, line, column, name, fact: 'no module imports it', remedy }
}

/** @param entries the modules with wrapped handlers, and the names of these */
export function diagnoseObsolete(project: Project, entries: ReadonlyMap<string, Names>): Diagnostic[] {
  const found = obsoleteOf(project, entries)
  const listed = found.slice(0, MAX_LISTED).map(({ path, line, column, code, why, remedy }): Diagnostic => {
    return { code: 'UO117', severity: 'note', path, line, column, fact: `${code}: ${why}`, remedy }
  })
  const more = found.length - listed.length
  const all = 'npx unplugin-otel migrate lists all.'
  if (more > 0) listed.push({ code: 'UO117', severity: 'note', fact: `${more} more`, remedy: all })
  return listed
}
