/** From a place in a bundle to the source file: by esbuild's map to `dist`, there by the comment above each module. */
import { readFileSync } from 'node:fs'
import { SourceMap, type SourceMapPayload } from 'node:module'
import path from 'node:path'

/** 0-based line and column → `src/runtime/flush.ts`, `@opentelemetry/api`, or the entry's own name. */
export type Locate = (line: number, column: number) => string | undefined

const dist = path.resolve(import.meta.dirname, '../dist/runtime')

export function createLocator(map: string, folder: string): Locate {
  const decoded = new SourceMap(JSON.parse(map) as SourceMapPayload)
  const files = new Map<string, string[]>()
  return (line, column) => {
    const entry = decoded.findEntry(line, column)
    if (!('originalSource' in entry)) return undefined
    const file = path.resolve(folder, entry.originalSource)
    // Packages map to sources that they do not publish.
    if (!file.startsWith(dist)) return toName(file)
    let modules = files.get(file)
    if (!modules) files.set(file, (modules = modulesOf(file)))
    return modules[entry.originalLine]
  }
}

/** The module of each line. */
function modulesOf(file: string): string[] {
  let module = toName(file)
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => {
      const marker = /^\/\/ ((?:src|node_modules)\/\S+)$/.exec(line)
      if (marker) module = toName(marker[1]!)
      return module
    })
}

function toName(file: string): string {
  return /@opentelemetry\/[\w-]+/.exec(file)?.[0] ?? /src\/runtime\/.*/.exec(file)?.[0] ?? path.basename(file)
}
