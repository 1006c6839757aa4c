/** What the source maps of a build lead back to. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { eachMapping, sourceContentFor, TraceMap } from '@jridgewell/trace-mapping'

/** Source, as the maps name it → the `line:column` in it that some code of the output leads to. */
export type Mapped = ReadonlyMap<string, ReadonlySet<string>>

export function readMapped(outdir: string): Mapped {
  const found = new Map<string, Set<string>>()
  for (const file of globSync('**/*.map', { cwd: outdir })) {
    const output = path.join(outdir, file)
    const code = readFileSync(output.replace(/\.map$/, ''), 'utf8').split('\n')
    const map = new TraceMap(readFileSync(output, 'utf8'))
    const own = new Map(
      map.resolvedSources.filter((source) => !OURS.test(source)).map((source) => [source, linesOf(map, source)]),
    )
    for (const source of own.keys()) if (!found.has(source)) found.set(source, new Set())
    eachMapping(map, ({ source, originalLine, originalColumn, generatedLine, generatedColumn }) => {
      // Of what webpack takes away an empty line is left that leads back.
      const text = code[generatedLine - 1]?.slice(generatedColumn).trim()
      const original = own.get(source ?? '')?.[(originalLine ?? 0) - 1]
      if (original === undefined || !text || GONE.test(original)) return
      found.get(source!)!.add(`${originalLine}:${originalColumn}`)
    })
  }
  return found
}

/**
 * What is external without the plugin is no import any more with it; constants may be inlined, and of what is moved
 * into the call of a wrapper Rolldown maps only what can throw.
 */
const GONE =
  /from '(@opentelemetry\/api|unplugin-otel\/runtime)'|^export const \w+ = \w+\r?$|^export default (<\w+>)?(\w+|\{)\r?$|^\}( satisfies .*)?\r?$/

const OURS = /(^|\/)(dist|node_modules)\/|^webpack:\/\/\/webpack\//

function linesOf(map: TraceMap, source: string): string[] {
  return sourceContentFor(map, source)?.split('\n') ?? []
}

/** @returns `source:line` that only the build without the plugin leads to */
export function findLostLines(plain: Mapped, wrapped: Mapped): string[] {
  // What a compiler adds of its own leads to the very beginning of the module.
  return [...plain].flatMap(([source, positions]) => {
    const lines = toLines([...positions].filter((position) => position !== '1:0'))
    const kept = toLines(wrapped.get(source) ?? [])
    return [...lines].filter((line) => !kept.has(line)).map((line) => `${source}:${line}`)
  })
}

function toLines(positions: Iterable<string>): Set<string> {
  return new Set(Array.from(positions, (position) => position.replace(/:.*/, '')))
}
