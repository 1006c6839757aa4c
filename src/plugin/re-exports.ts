/**
 * What `export * from` brings: only the modules it leads to tell. They are found by the bundler's own resolution,
 * and read from the disk, as deep as MAX_DEPTH.
 */
import { readFile } from 'node:fs/promises'
import { parseSync, type StaticExportEntry } from 'oxc-parser'
import { basename, isAbsolute } from 'pathe'
import { findBindings } from './bindings.ts'
import { findUnread } from './unread.ts'

/** The bundler, as far as a module's imports are concerned. */
export interface Importing {
  /** @returns what the bundler would load: an absolute path, or undefined where that is not a file */
  resolve(specifier: string, importer: string): Promise<string | undefined>
  /** The module that is being transformed depends on what this file says. */
  watch(file: string): void
}

/** What one `export * from` brings, as plain data. */
export interface Star {
  readonly names: readonly string[]
  /** Set where it may bring more. */
  readonly why?: string
}

/** Specifier → what it brings. */
export type Stars = Readonly<Record<string, Star>>

const MAX_DEPTH = 8
const SCRIPT = /\.[cm]?[jt]sx?$/
const TYPESCRIPT = /\.[cm]?tsx?$/

/** Where a name is defined, as far as it was followed: two stars may bring the same one. */
interface Origin {
  readonly file: string
  readonly name: string
  /** Set where that file has it from another. */
  readonly from: string | undefined
}

interface Found {
  readonly names: Map<string, Origin>
  readonly unknown: string[]
}

/** @returns undefined where the module has no `export * from` */
export async function findStars(code: string, file: string, importing: Importing): Promise<Stars | undefined> {
  // The cheap question first: few modules have one.
  if (!/\bexport\b/.test(code) || !code.includes('*')) return undefined
  const specifiers = starsIn(entriesOf(file, code) ?? [])
  if (specifiers.length === 0) return undefined
  const brought = await followAll(specifiers, file, importing, [file])
  return Object.fromEntries(
    Array.from(brought, ([specifier, { names, unknown }]) => [
      specifier,
      { names: [...names.keys()], ...(unknown.length > 0 && { why: unknown.join('; ') }) },
    ]),
  )
}

/**
 * What a module of TypeScript exports from others without saying that it is a type: wrapped, it would be asked for.
 * @param mayWrap whether a name would be
 */
export async function findTypes(
  code: string,
  file: string,
  importing: Importing,
  mayWrap: (name: string) => boolean,
): Promise<readonly string[]> {
  if (!TYPESCRIPT.test(file) || !/\bexport\s*\{/.test(code)) return []
  const types: string[] = []
  for (const entry of entriesOf(file, code) ?? []) {
    const [name, from] = [nameOf(entry), entry.moduleRequest?.value]
    if (name === undefined || from === undefined || entry.importName.kind !== 'Name' || !mayWrap(name)) continue
    if (!(await isValue({ file, name: entry.importName.name ?? name, from }, importing))) types.push(name)
  }
  return types
}

/** Of each star what no other one brings from elsewhere. */
async function followAll(
  specifiers: readonly string[],
  importer: string,
  importing: Importing,
  path: string[],
): Promise<ReadonlyMap<string, Found>> {
  const all = new Map<string, Found>()
  for (const specifier of new Set(specifiers)) all.set(specifier, await follow(specifier, importer, importing, path))
  const brought = new Map<string, Found>()
  for (const [specifier, found] of all) {
    const others = Array.from(all).filter(([other]) => other !== specifier)
    const names = new Map<string, Origin>()
    const unknown = [...found.unknown]
    for (const [name, origin] of found.names) {
      const rival = await findRival(name, origin, others, importing)
      if (!rival) names.set(name, origin)
      // Neither is exported then. https://tc39.es/ecma262/#sec-resolveexport
      else unknown.push(`'${name}' is in '${rival}', too`)
    }
    brought.set(specifier, { names, unknown })
  }
  return brought
}

async function follow(specifier: string, importer: string, importing: Importing, path: string[]): Promise<Found> {
  const names = new Map<string, Origin>()
  const leftOut = (why: string): Found => ({ names, unknown: [why] })
  if (path.length > MAX_DEPTH) return leftOut(`'${specifier}' is more than ${MAX_DEPTH} modules away`)
  const file = (await resolve(specifier, importer, importing))?.replace(/[?#].*$/, '')
  if (!file || !isAbsolute(file)) return leftOut(`'${specifier}' leads to no file`)
  if (path.includes(file)) return { names, unknown: [] }
  if (!SCRIPT.test(file)) return leftOut(`'${specifier}' is not a module of JavaScript or TypeScript`)
  importing.watch(file)
  const code = await readFile(file, 'utf8').catch(() => undefined)
  if (code === undefined) return leftOut(`'${specifier}' cannot be read`)
  const entries = entriesOf(file, code)
  if (!entries) return leftOut(`'${specifier}' is no ES module`)
  for (const { exportName, importName, moduleRequest } of entries) {
    const { name } = exportName
    if (name === null || name === 'default') continue
    // All of a module is a value, whatever that has.
    const from = importName.kind === 'All' ? undefined : moduleRequest?.value
    const origin = { file, name: importName.name ?? name, from }
    if (await isValue(origin, importing)) names.set(name, origin)
  }
  const unknown: string[] = []
  for (const [, found] of await followAll(starsIn(entries), file, importing, [...path, file])) {
    for (const [name, origin] of found.names) if (!names.has(name)) names.set(name, origin)
    unknown.push(...found.unknown)
  }
  return { names, unknown }
}

/** TypeScript may leave out `type`, so that the module tells which defines it. */
async function isValue({ file, name, from }: Origin, importing: Importing, depth = 0): Promise<boolean> {
  if (from === undefined || !TYPESCRIPT.test(file) || depth > MAX_DEPTH) return true
  const target = await resolve(from, file, importing)
  const code = target && TYPESCRIPT.test(target) && (await readFile(target, 'utf8').catch(() => undefined))
  const entries = code ? entriesOf(target, code) : undefined
  if (!entries) return true
  importing.watch(target!)
  const entry = entries.find((each) => nameOf(each) === name)
  for (const star of entry ? [] : starsIn(entries)) {
    if (await isValue({ file: target!, name, from: star }, importing, depth + 1)) return true
  }
  // oxc-parser gives a default import that is exported the name that it has here.
  if (!entry) return entries.some((each) => nameOf(each) === 'default')
  const origin = { file: target!, name: entry.importName.name ?? name, from: entry.moduleRequest?.value }
  return isValue(origin, importing, depth + 1)
}

/** Another star that brings the same name from elsewhere. */
async function findRival(
  name: string,
  origin: Origin,
  others: readonly (readonly [string, Found])[],
  importing: Importing,
): Promise<string | undefined> {
  for (const [specifier, { names }] of others) {
    const other = names.get(name)
    if (other && (await definedAt(origin, importing)) !== (await definedAt(other, importing))) return specifier
  }
  return undefined
}

async function definedAt({ file, name, from }: Origin, importing: Importing): Promise<string> {
  return JSON.stringify([from === undefined ? file : ((await resolve(from, file, importing)) ?? from), name])
}

/** What cannot be resolved is the bundler's to say, when it comes to it. */
function resolve(specifier: string, importer: string, importing: Importing): Promise<string | undefined> {
  return importing.resolve(specifier, importer).catch(() => undefined)
}

/** Of values only; undefined where it is no ES module, or cannot be parsed. */
function entriesOf(file: string, code: string): StaticExportEntry[] | undefined {
  if (findUnread(code)) return undefined
  const parsed = parseSync(basename(file), code, /\.[cm]?js$/.test(file) ? { lang: 'jsx' } : {})
  const { hasModuleSyntax, staticExports } = parsed.module
  if (parsed.errors.length > 0 || !hasModuleSyntax) return undefined
  const entries = staticExports.flatMap((statement) => statement.entries.filter(({ isType }) => !isType))
  if (!TYPESCRIPT.test(file) || entries.length === 0) return entries
  const { isType } = findBindings(parsed.program, code)
  return entries.filter(({ moduleRequest, localName }) => moduleRequest || !localName.name || !isType(localName.name))
}

/** `export * from`, and not `export * as name from`. */
function isStar({ importName }: StaticExportEntry): boolean {
  return importName.kind === 'AllButDefault'
}

function nameOf({ exportName }: StaticExportEntry): string | undefined {
  return exportName.kind === 'Default' ? 'default' : (exportName.name ?? undefined)
}

function starsIn(entries: readonly StaticExportEntry[]): string[] {
  return entries.filter(isStar).map(({ moduleRequest }) => moduleRequest!.value)
}
