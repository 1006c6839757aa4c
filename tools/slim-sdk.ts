/**
 * Makes the compiled-in SDK smaller and faster: leaves out what does nothing in ours (`sdk-pieces.ts`), takes some
 * modules in fewer words (`sdk/`), puts in the values of enums, which are objects that no minifier looks into, and
 * shortens private names, which none may. The versions are pinned; a piece that is not found any more, and a module
 * that is another than it was, fail the build.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SamplingDecision, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { SDK_INFO } from '@opentelemetry/core'
import { PIECES, REPLACED, type Piece } from './sdk-pieces.ts'

const CONSTANTS: Readonly<Record<string, object>> = {
  SamplingDecision,
  SDK_INFO,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
}
const CONSTANT = new RegExp(`\\b(?:api\\.)?(${Object.keys(CONSTANTS).join('|')})(?:\\.(\\w+)|\\['(.+?)'\\])`, 'g')

const inline = (code: string): string =>
  code.replace(CONSTANT, (text, name: string, member: string | undefined, key: string | undefined) => {
    const value = (CONSTANTS[name] as Record<string, unknown>)[member ?? key!]
    return value === undefined ? text : JSON.stringify(value)
  })

/** `_performanceStartTime` becomes `_pST`. */
const PRIVATE = /\b_[a-z]\w{2,}\b/g

/** @returns renames all private names of a module; the names are the same in all modules and builds */
function createShortener(): (code: string) => string {
  const taken = new Map<string, string>()
  return (code) =>
    code.replace(PRIVATE, (name) => {
      const short = `${name.slice(0, 2)}${name.replace(/[^A-Z]/g, '')}`
      if ((taken.get(short) ?? name) !== name) throw new Error(`${taken.get(short)} and ${name} are both ${short}`)
      taken.set(short, name)
      return short
    })
}

/** What nobody imports any more is left out by the bundler. */
function withExportsOf(by: string, code: string): string {
  const file = fileURLToPath(new URL(by, import.meta.url))
  const own = Array.from(
    readFileSync(file, 'utf8').matchAll(/^export (?:class|const|function) (\w+)/gm),
    ([, name]) => name,
  )
  const rest = code.replace(/^export \{ (.*) \};$/m, (_, names: string) => {
    const kept = names.split(', ').filter((name) => !own.includes(name.replace(/^.* as /, '')))
    return `export { ${kept.join(', ')} };`
  })
  return `${rest}\nexport * from ${JSON.stringify(file)}`
}

const HAS_PRIVATE = /\/sdk-trace\/dist\/(Span|Tracer|TracerProvider)\.mjs$|\/protobuf-writer\.mjs$|\/tools\/sdk\//

/** A plugin for Rolldown. */
export function slimSdk() {
  const found = new Set<Piece>()
  const shorten = createShortener()
  return {
    name: 'slim-sdk',
    transform(code: string, id: string) {
      const path = id.replaceAll('\\', '/')
      if (path.endsWith('.d.ts')) return undefined
      const other = REPLACED.find(({ module }) => path.endsWith(module))
      if (other) {
        const hash = createHash('sha256').update(code).digest('hex').slice(0, 16)
        if (hash !== other.hash) throw new Error(`${path} is not what ${other.by} replaces any more: ${hash}`)
        return { code: withExportsOf(other.by, code), map: null }
      }
      let slim = inline(code)
      for (const piece of PIECES) {
        if (!path.endsWith(piece.module) || !piece.from.test(slim)) continue
        found.add(piece)
        slim = slim.replace(piece.from, piece.to)
      }
      if (HAS_PRIVATE.test(path)) slim = shorten(slim)
      return slim === code ? undefined : { code: slim, map: null }
    },
    generateBundle(_options: unknown, bundle: Record<string, { type: string; code?: string }>) {
      for (const chunk of Object.values(bundle)) {
        if (!chunk.code) continue
        chunk.code = chunk.code
          // Where nothing is used of what a module imported, its import stays, and bundlers warn of one without effect.
          .replace(/^import ["']@opentelemetry\/api["'];\n/gm, '')
          // The compressor leaves `new` out, which a class in the place of `Error` does not bear.
          .replace(/(?<!new |\w)Error\(/g, 'new Error(')
      }
    },
    buildEnd() {
      const missing = PIECES.filter((piece) => !found.has(piece)).map(({ module, from }) => `${module} ${from}`)
      if (missing.length > 0) throw new Error(`tools/slim-sdk.ts does not fit the SDK any more: ${missing.join(', ')}`)
    },
  }
}
