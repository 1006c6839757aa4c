/** Whether a module, or what it imports of the project, imports certain packages. */
import { readText } from '../../plugin/files.ts'
import { resolveRelative, specifiersIn } from '../../plugin/importing.ts'

/** Whoever has more of them registers handlers earlier. */
const MAX_MODULES = 1000

export function importsAny(file: string, code: string, packages: ReadonlySet<string>): boolean {
  const modules = new Map([[file, code]])
  if (packages.size === 0) return false
  // It grows meanwhile.
  for (const [importer, text] of modules) {
    for (const specifier of specifiersIn(text)) {
      if (packages.has(specifier)) return true
      const found = resolveRelative(specifier, importer)
      if (found && !modules.has(found) && modules.size < MAX_MODULES) modules.set(found, readText(found) ?? '')
    }
  }
  return false
}
