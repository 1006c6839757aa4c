/** The output of Rollup, Rolldown or Vite, as the check of it takes it. */
import { isSameModule } from './build.ts'
import { toFile } from './module-id.ts'
import type { OutputChunk } from './report/output-check.ts'

/** https://rollupjs.org/plugin-development/#generatebundle */
interface Chunk {
  readonly type: 'chunk'
  readonly fileName: string
  readonly code: string
  readonly isEntry: boolean
  readonly facadeModuleId: string | null
  readonly moduleIds: readonly string[]
  readonly modules: Readonly<Record<string, { readonly renderedLength: number }>>
  readonly imports: readonly string[]
  readonly dynamicImports: readonly string[]
}

/** @param entries of the build */
export function chunksOf(bundle: Readonly<Record<string, unknown>>, entries: readonly string[] = []): OutputChunk[] {
  const chunks = (Object.values(bundle) as Chunk[]).filter(({ type }) => type === 'chunk')
  return chunks.map((chunk) => ({
    file: chunk.fileName,
    get code() {
      return chunk.code
    },
    isEntry: chunk.isEntry,
    get entries() {
      return entriesOf(chunk, entries)
    },
    get imports() {
      return [...chunk.imports, ...chunk.dynamicImports]
    },
    get modules() {
      return new Map(Object.entries(chunk.modules).map(([id, { renderedLength }]) => [id, renderedLength]))
    },
  }))
}

/** What is made in the place of an entry, by @rollup/plugin-commonjs or @cloudflare/vite-plugin, imports it. */
function entriesOf({ facadeModuleId, moduleIds }: Chunk, entries: readonly string[]): readonly string[] {
  if (facadeModuleId === null) return []
  if (!/^\0|^virtual:/.test(facadeModuleId)) return [facadeModuleId]
  return moduleIds.filter((id) => {
    const file = toFile(id)
    return file !== undefined && entries.some((entry) => isSameModule(file, entry))
  })
}
