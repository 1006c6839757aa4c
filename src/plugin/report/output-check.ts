/**
 * What only the finished output shows: whether what was emitted is still in it, where it must not be, and what it
 * imports. By its text, which minifiers leave these strings in, so that nothing is parsed where all is well.
 */
import { dirname, join } from 'pathe'
import type { Target } from '../../contract.ts'
import { isRuntime } from '../entry.ts'
import { readText } from '../files.ts'
import type { Diagnostic } from './diagnostic.ts'
import { importsIn } from './output-imports.ts'

export interface OutputChunk {
  /** As the bundler names it. */
  readonly file: string
  /** May be a getter: it is not read where nothing can be said. */
  readonly code: string
  readonly isEntry: boolean
  /** The modules that an entry chunk was asked for, as the bundler loaded them. */
  readonly entries: readonly string[]
  /** Files that it loads at once or later, others than those in this output, too; undefined: not told. */
  readonly imports: readonly string[] | undefined
  /**
   * The files that the bundler made it of, absolute, each with the length of what it took of it, before minifiers. May
   * be a getter: it is read where the text says that something is missing. Undefined: not told.
   */
  readonly modules?: ReadonlyMap<string, number> | undefined
}

export interface OutputFacts {
  /** Of a module whose handlers this build wrapped, else undefined. */
  targetOf(id: string): Target | undefined
  readonly isForBrowsers: boolean
}

/** `Symbol.for` of `runtime/invocation.ts`: in whatever wraps, but neither in the manual API nor in a footer of ours. */
const WRAPS = 'unplugin-otel.v1.invocation'
/** A message of `runtime/transport-node.ts`. */
const NODE = 'Node 20.16 or newer is needed'
/** A message that every version of the API package has once. */
const API = '@opentelemetry/api: Attempted duplicate registration of API'

const API_PACKAGE = '@opentelemetry/api'
/** A build may have hundreds of entries, which are all broken by the same thing. */
const MAX_SAID = 10

function isWrapping(code: string): boolean {
  return code.includes(WRAPS)
}

/**
 * Obfuscators write strings in other ways. What takes code away leaves less than a minifier would, which the bundler's
 * own account of the modules does not show.
 */
function holdsRuntime({ code, modules = new Map<string, number>() }: OutputChunk): boolean {
  return Array.from(modules).some(
    ([file, length]) =>
      length > 0 && code.length >= length * LEAST && isRuntime(file) && isWrapping(readText(file) ?? ''),
  )
}

/** Minifiers leave a quarter and more, without comments. */
const LEAST = 1 / 8

/** At most ten of a kind. */
export function checkOutput(chunks: readonly OutputChunk[], facts: OutputFacts): Diagnostic[] {
  if (facts.isForBrowsers) return clientChunks(chunks)
  const byFile = new Map(chunks.map((chunk) => [chunk.file, chunk]))
  const external = chunks.flatMap((chunk) => externalRuntime(chunk, byFile))
  const isExternal = new Set(external.map(({ path }) => path))
  const found = chunks
    .filter(({ isEntry }) => isEntry)
    .flatMap((entry) => {
      const id = entry.entries.find((each) => facts.targetOf(each))
      const target = id === undefined ? undefined : facts.targetOf(id)
      if (!target) return []
      const reached = reachOf(entry, byFile)
      // Where that is not told, it may be anywhere.
      const all = reached ?? chunks
      const isThere = all.some(({ code }) => isWrapping(code)) || all.some(holdsRuntime)
      const sure = reached ?? [entry]
      const isKnown = isThere || sure.some(({ file }) => isExternal.has(file))
      return [...(isKnown ? [] : [missing(entry)]), ...nodeCode(entry, target, sure), ...apiCopies(entry, sure)]
    })
  return limited([...external, ...found])
}

/** @param chunks of a build for browsers */
export function clientChunks(chunks: readonly Pick<OutputChunk, 'file' | 'code'>[]): Diagnostic[] {
  const found = chunks.filter(({ code }) => isWrapping(code))
  return limited(
    found.map(({ file }) =>
      warning('UO122', file, 'our runtime is in it, and it is for browsers', 'Keep handlers out of client modules.'),
    ),
  )
}

function missing({ file }: OutputChunk): Diagnostic {
  const fact = 'its handlers were wrapped, and the runtime that does it is not in it'
  return warning('UO120', file, fact, 'Put the plugin first, and look for what takes code away after it.')
}

function nodeCode({ file }: OutputChunk, target: Target, reached: readonly OutputChunk[]): Diagnostic[] {
  if (target !== 'edge' || !reached.some(({ code }) => code.includes(NODE))) return []
  const fact = 'the target is edge, and the runtime for Node is in it'
  return [warning('UO121', file, fact, "Set target: 'node' if it runs on Node; else find what imports it.")]
}

/** With the files of another package manager, too, as far as their paths show that they are ours. */
function externalRuntime({ file, code }: OutputChunk, byFile: ReadonlyMap<string, OutputChunk>): Diagnostic[] {
  const found = importsIn(code, RUNTIME_NAMES).filter((path) => RUNTIME_SPECIFIER.test(path))
  const own = found.filter((path) => !byFile.has(join(dirname(file), path)))
  if (own.length === 0) return []
  const rest = own.length > 2 ? ` and ${own.length - 2} more` : ''
  const fact = `imports ${own.slice(0, 2).join(', ')}${rest}, which nobody deploys with it`
  return [warning('UO123', file, fact, REMEDY_EXTERNAL)]
}

const RUNTIME_NAMES = ['unplugin-otel/runtime', 'unplugin-otel/dist/runtime/']
const RUNTIME_SPECIFIER = /^unplugin-otel\/runtime(\/|$)|(^|\/)unplugin-otel\/dist\/runtime\//
const REMEDY_EXTERNAL =
  'Take unplugin-otel out of what the bundler keeps outside, and put the plugin before others that do.'

function apiCopies({ file }: OutputChunk, reached: readonly OutputChunk[]): Diagnostic[] {
  const copies = reached.reduce((sum, { code }) => sum + count(code, API), 0)
  const isImported = reached.some(({ code }) => importsIn(code, [API_PACKAGE]).includes(API_PACKAGE))
  if (copies + Number(isImported) < 2) return []
  const what = isImported
    ? `contains ${API_PACKAGE} and imports another`
    : `contains ${copies} copies of ${API_PACKAGE}`
  const remedy = isImported
    ? `Take ${API_PACKAGE} out of what the bundler keeps outside, and put the plugin before others that do.`
    : `Take ${API_PACKAGE} out of the aliases, and use packages that import it in the place of those that contain it.`
  return [{ code: 'UO124', severity: 'near-miss', path: file, fact: what, remedy }]
}

/** The chunk itself first; undefined: a bundler that does not tell. */
function reachOf(entry: OutputChunk, byFile: ReadonlyMap<string, OutputChunk>): OutputChunk[] | undefined {
  const reached = new Set([entry])
  for (const { imports } of reached) {
    if (!imports) return undefined
    for (const file of imports) {
      const chunk = byFile.get(file)
      if (chunk) reached.add(chunk)
    }
  }
  return [...reached]
}

function count(code: string, text: string): number {
  let found = 0
  for (let at = code.indexOf(text); at !== -1; at = code.indexOf(text, at + text.length)) found++
  return found
}

function limited(all: readonly Diagnostic[]): Diagnostic[] {
  const codes = [...new Set(all.map(({ code }) => code))]
  return codes.flatMap((code): Diagnostic[] => {
    const alike = all.filter((each) => each.code === code)
    const more = alike.length - MAX_SAID
    const rest: Diagnostic = { code, severity: 'note', fact: `${more} more files`, remedy: 'As above.' }
    return more > 0 ? [...alike.slice(0, MAX_SAID), rest] : alike
  })
}

function warning(code: Diagnostic['code'], path: string, fact: string, remedy: string): Diagnostic {
  return { code, severity: 'warning', path, fact, remedy }
}
