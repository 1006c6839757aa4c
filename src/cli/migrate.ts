/** `unplugin-otel migrate`: prints what is obsolete in a project's sources as a diff, or takes it out. */
import { readFileSync } from 'node:fs'
import { isUtf8 } from 'node:buffer'
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import { dirname, join, relative, resolve } from 'pathe'
import { PluginError } from '../plugin/errors.ts'
import { kindOf, readText } from '../plugin/files.ts'
import { migrate as migrateModule, type Migrated } from '../plugin/obsolete/migrate.ts'
import { MENTIONS } from '../plugin/obsolete/seeds.ts'
import { findSources } from '../plugin/project-sources.ts'
import { readManifest, type Project } from '../plugin/project.ts'
import { parseCommand } from './args.ts'
import { createFinder } from './migrate-sources.ts'
import { replaceFile } from './replace-file.ts'
import { printable } from './text.ts'

export interface MigrateIo {
  readonly stdout: { write(text: string): unknown }
  readonly stderr: { write(text: string): unknown }
  /** Absolute; files are named from here. */
  readonly folder: string
  /** What is set in the shell. */
  readonly env: Project['env']
}

const HELP_HINT = 'unplugin-otel migrate --help'

const MIGRATE_HELP = `Usage: unplugin-otel migrate [<file> …] [--write] [--all]

Prints, as a diff, the modules below this folder without the telemetry that somebody wrote by hand and that wrapped
handlers no longer need: flushes of an OpenTelemetry provider that is registered, which each invocation flushes within
flush.budgetMs, in modules that export handlers, and in what these alone import. What is obsolete and cannot be taken
out is named on stderr, with the reason. Tests and folders that git ignores are not looked at.

Options:
  --write     change the files
  --all       also what only the client of another SDK needs (its flushes, serverless: true, its import for the edge),
              and flushes of which it is not certain that they are obsolete. Clients stay wrapped.
  -h, --help  print this
`

const OPTIONS = {
  write: { type: 'boolean' },
  all: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const BOM = '\uFEFF'

interface Change {
  readonly file: string
  readonly path: string
  readonly text: string
  readonly migrated: Migrated
}

/** @throws {PluginError} where a named file cannot be read, or one cannot be written */
export async function migrate(args: string[], { stdout, stderr, folder, env }: MigrateIo): Promise<void> {
  const { values, positionals } = parseCommand(args, OPTIONS, HELP_HINT)
  if (values['help']) {
    stdout.write(MIGRATE_HELP)
    return
  }
  const files = positionals.length > 0 ? positionals.map((file) => toFile(file, folder)) : findSources(folder)
  const say = (line: string) => stderr.write(`${printable(line)}\n`)
  const changes: Change[] = []
  const dependencies = dependenciesOf(folder)
  const sourcesOf = createFinder(folder, env)
  const options = { all: values['all'] === true, scripts: positionals.length > 0 }
  for (const file of new Set(files)) {
    const path = relative(folder, file)
    const bytes = readBytes(file)
    if (!bytes) {
      say(`left ${path}: it cannot be read`)
      continue
    }
    const text = bytes.toString()
    const code = text.replace(BOM, '')
    const migrated = MENTIONS.test(code) && migrateModule(code, path, file, await sourcesOf(file), options)
    if (!migrated) continue
    if (migrated.isUnread) say(`left ${path}: it cannot be parsed`)
    const isText = isUtf8(bytes)
    const named = isText ? migrated.left : [...migrated.removed, ...migrated.left]
    for (const { line, column, code, why } of named) {
      say(`left ${path}:${line}:${column} ${code}: ${isText ? why : 'the file is not in UTF-8. Convert it.'}`)
    }
    if (isText && migrated.removed.length > 0) changes.push({ file, path, text, migrated })
  }
  for (const change of changes) {
    if (values['write']) write(change)
    else stdout.write(toDiff(change))
  }
  for (const line of summarize(changes, values['write'] === true, dependencies)) say(`[unplugin-otel] ${line}`)
}

function toFile(name: string, folder: string): string {
  const file = resolve(folder, name)
  if (kindOf(file) === 'file') return file
  throw new PluginError(`'${name}' is not a file`, 'Name modules of your project, or none to look through all of them.')
}

function readBytes(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}

function newText({ text, migrated }: Change): string {
  return (text.startsWith(BOM) ? BOM : '') + migrated.code
}

/** As `git apply` and `patch -p1` take it. */
function toDiff(change: Change): string {
  const { path, text } = change
  const names = [`a/${path}`, `b/${path}`] as const
  return createTwoFilesPatch(...names, text, newText(change), undefined, undefined, {
    headerOptions: FILE_HEADERS_ONLY,
  })
}

function write(change: Change): void {
  try {
    replaceFile(change.file, newText(change))
  } catch (error) {
    throw new PluginError(
      `${change.path} cannot be written: ${(error as Error).message}`,
      'It is as it was; files named before it are changed.',
    )
  }
}

function* summarize(
  changes: readonly Change[],
  isWritten: boolean,
  dependencies: ReadonlySet<string>,
): Generator<string> {
  const count = changes.reduce((sum, { migrated }) => sum + migrated.removed.length, 0)
  const what = `${count} ${count === 1 ? 'place' : 'places'} in ${changes.length} ${changes.length === 1 ? 'file' : 'files'}`
  if (count === 0) yield 'nothing to take out'
  else if (isWritten) yield `taken out: ${what}`
  else yield `nothing is written yet: ${what}. Run it with --write.`
  if (count > 0 && !dependencies.has('unplugin-otel')) {
    yield 'unplugin-otel is not in package.json: these are obsolete only in a build with its plugin.'
  }
}

/** Of the nearest package.json. */
function dependenciesOf(folder: string): ReadonlySet<string> {
  for (let at = folder; ; at = dirname(at)) {
    const manifest = readText(join(at, 'package.json'))
    if (manifest !== undefined) return readManifest(manifest).dependencies
    if (at === dirname(at)) return new Set()
  }
}
