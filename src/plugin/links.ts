/** Symbolic links: a module is named by one, and most bundlers load it from where the link leads. */
import { realpathSync } from 'node:fs'
import { dirname, normalize } from 'pathe'
import { ENDINGS } from './files.ts'

/** Real path of a file or folder → the path that names it. */
export type Links = ReadonlyMap<string, string>

/** @param entries absolute, with or without extension; globs are no paths */
export function readLinks(folders: readonly string[], entries: readonly string[]): Links {
  const links = new Map<string, string>()
  const add = (path: string) => {
    const real = realPath(path)
    if (real !== undefined && real !== path && !links.has(real)) links.set(real, path)
  }
  for (const folder of folders) add(folder)
  for (const entry of entries) {
    add(dirname(entry))
    for (const ending of ENDINGS) add(entry + ending)
  }
  return links
}

/** @returns the path as the project names it; undefined: as it is */
export function namedPath(file: string, links: Links): string | undefined {
  if (links.size === 0) return undefined
  for (let real = file; ; real = dirname(real)) {
    const named = links.get(real)
    if (named !== undefined) return named + file.slice(real.length)
    if (real === dirname(real)) return undefined
  }
}

function realPath(path: string): string | undefined {
  try {
    return normalize(realpathSync(path))
  } catch {
    // Not there, or a link to itself.
    return undefined
  }
}
