/** What a bundler calls a module → its file. */
import { normalize } from 'pathe'

/** What is made of a file instead of its code. https://vite.dev/guide/assets and https://vite.dev/guide/features#web-workers */
const ASSETS = ['raw', 'url', 'inline', 'no-inline', 'worker', 'sharedworker', 'init']

/** https://learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation */
const LONG_PATH = /^\\\\\?\\(UNC\\)?/i

/** @returns undefined for what is no code of a file; Next 15 has modules without any id, bundlers begin theirs with `\0` */
export function toFile(id: unknown): string | undefined {
  if (typeof id !== 'string' || id === '' || id.startsWith('\0')) return undefined
  const path = id.replace(LONG_PATH, (_, share) => (share ? '\\\\' : ''))
  // A query, or a fragment; a folder may be called `c#`.
  const [suffix = ''] = /\?.*$|#[^/\\]*$/s.exec(path) ?? []
  const keys = new URLSearchParams(suffix.slice(1).replace(/#.*$/s, '')).keys()
  if (suffix.startsWith('?') && [...keys].some((key) => ASSETS.includes(key))) return undefined
  return normalize(path.slice(0, path.length - suffix.length))
}
