/** Files of the project, which may be folders, links to themselves, or not ours to read: then they are not there. */
import { isUtf8 } from 'node:buffer'
import { readdirSync, readFileSync, statSync } from 'node:fs'

export function readText(path: string): string | undefined {
  return orUndefined(() => readFileSync(path, 'utf8'))
}

/** Whether decoding a file loses nothing. */
export function isUtf8File(path: string): boolean {
  return orUndefined(() => isUtf8(readFileSync(path))) ?? true
}

export function kindOf(path: string): 'file' | 'folder' | undefined {
  const stats = orUndefined(() => statSync(path, { throwIfNoEntry: false }))
  return stats?.isFile() ? 'file' : stats?.isDirectory() ? 'folder' : undefined
}

/** What a path of a module may lack: TypeScript's first, since what it was made into may be beside it. */
export const ENDINGS = ['', '.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx']

/** @returns where the module is that a path names, which may be a folder with an index */
export function modulePaths(path: string): string[] {
  return [path, `${path}/index`].flatMap((base) => ENDINGS.map((ending) => base + ending))
}

/** @returns names relative to the folder, with those of the folders in it when `recursive` */
export function readNames(folder: string, { recursive = false } = {}): string[] {
  return orUndefined(() => readdirSync(folder, { recursive }).map(String)) ?? []
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}
