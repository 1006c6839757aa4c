/** The output of webpack and Rspack, as the check of it takes it. */
import { toText } from './report/diagnostic.ts'
import type { Options } from './options.ts'
import { resolveOptions } from './resolve-options.ts'
import { clientChunks, type OutputChunk } from './report/output-check.ts'

interface Chunk {
  readonly files: Iterable<string>
  getAllReferencedChunks(): Iterable<Chunk>
}
interface ChunkGroup {
  getFiles(): readonly string[]
  /** Of an entrypoint those that it depends on. Not every version of Rspack tells. */
  getParents?(): Iterable<ChunkGroup>
}
interface Module {
  /** Its file, without a query. */
  nameForCondition?(): string | null | undefined
  size(): number
  /** Of modules that were made one. */
  readonly modules?: Iterable<Module>
}
/** https://webpack.js.org/api/compilation-object/ */
export interface Output {
  readonly entrypoints: ReadonlyMap<string, ChunkGroup & { getEntrypointChunk(): Chunk }>
  readonly chunks: Iterable<Chunk>
  readonly chunkGraph: {
    getChunkEntryModulesIterable(chunk: Chunk): Iterable<Module>
    getChunkModulesIterable(chunk: Chunk): Iterable<Module>
  }
  getAssets(): readonly { readonly name: string; readonly source: { source(): string | Buffer } }[]
}

/** A `#` in a path has a mark before it, another one in Rspack. */
function fileOf(module: Module): string {
  return module.nameForCondition?.()?.replace(/[\0\u200B]/g, '') ?? ''
}

export function chunksOf(output: Output): OutputChunk[] {
  const { entrypoints, chunkGraph } = output
  const known = new Map<string, Pick<OutputChunk, 'entries' | 'imports'>>()
  for (const entrypoint of entrypoints.values()) {
    const chunk = entrypoint.getEntrypointChunk()
    const entries = Array.from(chunkGraph.getChunkEntryModulesIterable(chunk), fileOf)
    const later = Array.from(chunk.getAllReferencedChunks(), ({ files }) => [...files]).flat()
    const imports = [...filesOf(entrypoint), ...later]
    for (const file of chunk.files) known.set(file, { entries, imports })
  }
  return output
    .getAssets()
    .filter(({ name }) => /\.[cm]?js$/.test(name))
    .map(({ name, source }) => {
      let code: string | undefined
      return {
        file: name,
        isEntry: known.has(name),
        ...(known.get(name) ?? { entries: [], imports: [] }),
        get code() {
          return (code ??= String(source.source()))
        },
        get modules() {
          return modulesOf(name, output)
        },
      }
    })
}

function modulesOf(name: string, { chunks, chunkGraph }: Output): Map<string, number> {
  const of = Array.from(chunks).filter(({ files }) => [...files].includes(name))
  const all = of.flatMap((chunk) => [...chunkGraph.getChunkModulesIterable(chunk)])
  return new Map(all.flatMap((each) => [...(each.modules ?? [each])]).map((each) => [fileOf(each), each.size()]))
}

/** With what is loaded before it. https://webpack.js.org/configuration/entry-context/#dependencies */
function filesOf(entrypoint: ChunkGroup): string[] {
  const groups = new Set([entrypoint])
  for (const group of groups) for (const parent of group.getParents?.() ?? []) groups.add(parent)
  return [...new Set([...groups].flatMap((group) => [...group.getFiles()]))]
}

interface ClientCompiler {
  readonly hooks: {
    readonly thisCompilation: { tap(name: string, run: (compilation: ClientCompilation) => void): void }
  }
}
interface ClientCompilation extends Output {
  readonly hooks: { readonly afterProcessAssets: { tap(name: string, run: () => void): void } }
  readonly warnings: Error[]
  readonly errors: Error[]
}

/** For a compiler of browsers beside one of servers. */
export function createClientCheck(options: Options): { apply(compiler: ClientCompiler): void } {
  const { strict } = resolveOptions(options, process.env)
  return {
    apply: ({ hooks }) =>
      hooks.thisCompilation.tap('unplugin-otel', (compilation) => {
        compilation.hooks.afterProcessAssets.tap('unplugin-otel', () => {
          const found = clientChunks(chunksOf(compilation)).map((each) => new Error(toText(each)))
          compilation[strict ? 'errors' : 'warnings'].push(...found)
        })
      }),
  }
}
