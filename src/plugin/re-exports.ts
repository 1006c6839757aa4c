/**
 * What `export * from` brings: only the modules it leads to tell. They are found by the bundler's own resolution,
 * and read from the disk, as deep as MAX_DEPTH.
 */
import { readFile } from 'node:fs/promises'
import { parseSync, type StaticExportEntry } from 'oxc-parser'
import { basename, isAbsolute } from 'pathe'
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
  const specifiers = entriesOf(file, code)
    .filter(isStar)
    .map(({ moduleRequest }) => moduleRequest!.value)
  if (specifiers.length === 0) return undefined
  const all = new Map<string, Found>()
  for (const specifier of new Set(specifiers)) {
    all.set(specifier, await follow(specifier, file, importing, [file]))
  }
  return Object.fromEntries(
    await Promise.all(
      Array.from(all, async ([specifier, { names, unknown }]) => {
        const others = Array.from(all).filter(([other]) => other !== specifier)
        const own: string[] = []
        const why = [...unknown]
        for (const [name, origin] of names) {
          const rival = await findRival(name, origin, others, importing)
          if (!rival) own.push(name)
          // Neither is exported then. https://tc39.es/ecma262/#sec-resolveexport
          else why.push(`'${name}' is in '${rival}', too`)
        }
        return [specifier, { names: own, ...(why.length > 0 && { why: why.join('; ') }) }]
      }),
    ),
  )
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
  if (entries.length === 0) return leftOut(`'${specifier}' is no ES module, or exports nothing`)
  const unknown: string[] = []
  for (const { exportName, importName, moduleRequest } of entries) {
    const { name } = exportName
    if (name !== null && name !== 'default') {
      names.set(name, { file, name: importName.name ?? name, from: moduleRequest?.value })
    }
  }
  for (const entry of entries.filter(isStar)) {
    const found = await follow(entry.moduleRequest!.value, file, importing, [...path, file])
    for (const [name, origin] of found.names) if (!names.has(name)) names.set(name, origin)
    unknown.push(...found.unknown)
  }
  return { names, unknown }
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

/** Of values only; none where it cannot be parsed. */
function entriesOf(file: string, code: string): StaticExportEntry[] {
  if (findUnread(code)) return []
  const { module, errors } = parseSync(basename(file), code, /\.[cm]?js$/.test(file) ? { lang: 'jsx' } : {})
  if (errors.length > 0) return []
  return module.staticExports.flatMap(({ entries }) => entries.filter(({ isType }) => !isType))
}

/** `export * from`, and not `export * as name from`. */
function isStar({ importName }: StaticExportEntry): boolean {
  return importName.kind === 'AllButDefault'
}
