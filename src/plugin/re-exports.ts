/**
 * What a module exports from others, where only they tell: the names that `export * from` brings, and what is a type
 * there. As deep as MAX_DEPTH.
 */
import type { StaticExportEntry } from 'oxc-parser'
import { isAbsolute } from 'pathe'
import { createModuleGraph, statedExports, TYPESCRIPT, type Importing, type ModuleGraph } from './module-graph.ts'

/** What one `export * from` brings, as plain data. */
export interface Star {
  readonly names: readonly string[]
  /** Set where it may bring more. */
  readonly why?: string
}

/** Specifier → what it brings. */
export type Stars = Readonly<Record<string, Star>>

export interface ReExports {
  readonly stars: Stars
  /** Exported names that TypeScript exports as values, and that are types where they come from: wrapped, they would be asked for. */
  readonly types: readonly string[]
}

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

/** @param mayWrap whether an export of that name may be wrapped: only of those it matters what they are */
export async function findReExports(
  code: string,
  file: string,
  importing: Importing,
  mayWrap: (name: string) => boolean,
): Promise<ReExports> {
  // The cheap question first: few modules export from others, and what is a type is told by TypeScript's only.
  const mayHaveTypes = TYPESCRIPT.test(file)
  if (!(mayHaveTypes ? /\bexport\b\s*[*{/]/ : /\bexport\b\s*[*/]/).test(code)) return { stars: {}, types: [] }
  const entries = statedExports(file, code)
  const graph = createModuleGraph(importing)
  const stars = await followAll(starsIn(entries), file, graph, [file])
  const types: string[] = []
  for (const entry of mayHaveTypes ? entries : []) {
    const [name, from] = [nameOf(entry), entry.moduleRequest?.value]
    if (name === undefined || from === undefined || entry.importName.kind !== 'Name' || !mayWrap(name)) continue
    if (!(await isValue({ file, name: entry.importName.name ?? name, from }, graph))) types.push(name)
  }
  return {
    stars: Object.fromEntries(
      Array.from(stars, ([specifier, { names, unknown }]) => [
        specifier,
        { names: [...names.keys()], ...(unknown.length > 0 && { why: unknown.join('; ') }) },
      ]),
    ),
    types,
  }
}

/** Of each star what no other one brings from elsewhere. */
async function followAll(
  specifiers: readonly string[],
  importer: string,
  graph: ModuleGraph,
  path: string[],
): Promise<ReadonlyMap<string, Found>> {
  const all = new Map<string, Found>()
  for (const specifier of new Set(specifiers)) all.set(specifier, await follow(specifier, importer, graph, path))
  const brought = new Map<string, Found>()
  for (const [specifier, found] of all) {
    const others = Array.from(all).filter(([other]) => other !== specifier)
    const names = new Map<string, Origin>()
    const unknown = [...found.unknown]
    for (const [name, origin] of found.names) {
      const rival = await findRival(name, origin, others, graph)
      if (!rival) names.set(name, origin)
      // Neither is exported then. https://tc39.es/ecma262/#sec-resolveexport
      else unknown.push(`'${name}' is in '${rival}', too`)
    }
    brought.set(specifier, { names, unknown })
  }
  return brought
}

async function follow(specifier: string, importer: string, graph: ModuleGraph, path: string[]): Promise<Found> {
  const names = new Map<string, Origin>()
  const leftOut = (why: string): Found => ({ names, unknown: [`'${specifier}' ${why}`] })
  if (path.length > MAX_DEPTH) return leftOut(`is more than ${MAX_DEPTH} modules away`)
  const file = (await graph.resolve(specifier, importer))?.replace(/[?#].*$/, '')
  if (!file || !isAbsolute(file)) return leftOut('leads to no file')
  if (path.includes(file)) return { names, unknown: [] }
  if (!SCRIPT.test(file)) return leftOut('is not a module of JavaScript or TypeScript')
  const entries = await graph.exportsOf(file)
  if (typeof entries === 'string') return leftOut(entries)
  for (const { exportName, importName, moduleRequest } of entries) {
    const { name } = exportName
    if (name === null || name === 'default') continue
    // All of a module is a value, whatever that has.
    const from = importName.kind === 'All' ? undefined : moduleRequest?.value
    const origin = { file, name: importName.name ?? name, from }
    if (await isValue(origin, graph)) names.set(name, origin)
  }
  const unknown: string[] = []
  for (const [, found] of await followAll(starsIn(entries), file, graph, [...path, file])) {
    for (const [name, origin] of found.names) if (!names.has(name)) names.set(name, origin)
    unknown.push(...found.unknown)
  }
  return { names, unknown }
}

/** TypeScript may leave out `type`, so that the module tells which defines it. */
async function isValue({ file, name, from }: Origin, graph: ModuleGraph, depth = 0): Promise<boolean> {
  if (from === undefined || !TYPESCRIPT.test(file) || depth > MAX_DEPTH) return true
  const target = await graph.resolve(from, file)
  if (!target || !TYPESCRIPT.test(target)) return true
  const entries = await graph.exportsOf(target)
  if (typeof entries === 'string') return true
  const entry = entries.find((each) => nameOf(each) === name)
  for (const star of entry ? [] : starsIn(entries)) {
    if (await isValue({ file: target, name, from: star }, graph, depth + 1)) return true
  }
  // oxc-parser gives a default import that is exported the name that it has here.
  if (!entry) return entries.some((each) => nameOf(each) === 'default')
  const origin = { file: target, name: entry.importName.name ?? name, from: entry.moduleRequest?.value }
  return isValue(origin, graph, depth + 1)
}

/** Another star that brings the same name from elsewhere. */
async function findRival(
  name: string,
  origin: Origin,
  others: readonly (readonly [string, Found])[],
  graph: ModuleGraph,
): Promise<string | undefined> {
  for (const [specifier, { names }] of others) {
    const other = names.get(name)
    if (other && (await definedAt(origin, graph)) !== (await definedAt(other, graph))) return specifier
  }
  return undefined
}

async function definedAt({ file, name, from }: Origin, graph: ModuleGraph): Promise<string> {
  return JSON.stringify([from === undefined ? file : ((await graph.resolve(from, file)) ?? from), name])
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
