/**
 * Makes the compiled-in SDK smaller and faster: leaves out what does nothing in ours (`sdk-pieces.ts`), and puts in the
 * values of enums, which are objects that no minifier looks into. The versions are pinned; a piece that is not
 * found any more fails the build.
 */
import { SamplingDecision, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api'
import { AddAttributeDecision, SDK_INFO } from '@opentelemetry/core'
import { PIECES, type Piece } from './sdk-pieces.ts'

const CONSTANTS: Readonly<Record<string, object>> = {
  AddAttributeDecision,
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

/** A plugin for Rolldown. */
export function slimSdk() {
  const found = new Set<Piece>()
  return {
    name: 'slim-sdk',
    transform(code: string, id: string) {
      const path = id.replaceAll('\\', '/')
      if (path.endsWith('.d.ts')) return undefined
      let slim = inline(code)
      for (const piece of PIECES) {
        if (!path.endsWith(piece.module) || !piece.from.test(slim)) continue
        found.add(piece)
        slim = slim.replace(piece.from, piece.to)
      }
      return slim === code ? undefined : { code: slim, map: null }
    },
    /** Where nothing is used of what a module imported, its import stays, and bundlers warn of one without effect. */
    generateBundle(_options: unknown, bundle: Record<string, { type: string; code?: string }>) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.code) chunk.code = chunk.code.replace(/^import ["']@opentelemetry\/api["'];\n/gm, '')
      }
    },
    buildEnd() {
      const missing = PIECES.filter((piece) => !found.has(piece)).map(({ module, from }) => `${module} ${from}`)
      if (missing.length > 0) throw new Error(`tools/slim-sdk.ts does not fit the SDK any more: ${missing.join(', ')}`)
    },
  }
}
