/** The modules that somebody wrote: what is built, installed or only tested is not among them. */
import { readdirSync, type Dirent } from 'node:fs'
import { join } from 'pathe'
import { readText } from './files.ts'

/** Hidden folders are those of tools: `.next`, `.sst`, `.wrangler`, `.git`. */
const BUILT = /^(node_modules|dist|build|out|coverage|vendor|cdk\.out|tests|e2e|__tests__|__mocks__|\..+)$/
const MODULE = /\.[cm]?[jt]sx?$/
const NOT_ITS_CODE = /\.(d\.[cm]?ts|d\.[^.]+\.ts|min\.[cm]?js|(test|spec)\.[cm]?[jt]sx?)$/

/** @returns absolute paths, in the order of their names */
export function findSources(folder: string): string[] {
  return [...walk(folder, ignoredIn(folder))]
}

function* walk(folder: string, ignored: ReadonlySet<string>): Generator<string> {
  for (const entry of entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isFile() && MODULE.test(entry.name) && !NOT_ITS_CODE.test(entry.name)) yield path
    // Where a link leads is in the project as well, or not of it.
    if (entry.isDirectory() && !BUILT.test(entry.name) && !ignored.has(entry.name)) yield* walk(path, ignored)
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    // Not ours to read.
    return []
  }
}

/** The plain names in its .gitignore: a line with a slash inside or a wildcard is about more than a folder. */
function ignoredIn(folder: string): ReadonlySet<string> {
  const lines = readText(join(folder, '.gitignore'))?.split(/\r?\n/) ?? []
  return new Set(lines.flatMap((line) => /^\/?([\w.@-]+)\/?$/.exec(line.trim())?.[1] ?? []))
}
