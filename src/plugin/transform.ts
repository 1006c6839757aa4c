/**
 * (code, facts) → wrapped code. Pure, and its own fixed point. Only `export` tokens are taken away and
 * all else is added at the ends: the user's declarations, and what their code sees of them, stay raw.
 */
import { MagicString, type SourceMap } from 'magic-string'
import { parseSync } from 'oxc-parser'
import { wrapCommonJs } from './emit-commonjs.ts'
import { wrapEsm } from './emit-esm.ts'
import type { TransformFacts, Wrap, WrappedHandler } from './emit.ts'
import { positionAt } from './errors.ts'
import { findExports, type ExportedValue } from './handlers.ts'

export interface NearMiss {
  readonly name: string
  readonly line: number
  readonly why: string
}

export interface TransformResult {
  /** Undefined: nothing was wrapped, the module stays as it is. */
  readonly output: { readonly code: string; readonly map: SourceMap } | undefined
  readonly wrapped: readonly WrappedHandler[]
  readonly nearMisses: readonly NearMiss[]
}

const NOTHING: TransformResult = { output: undefined, wrapped: [], nearMisses: [] }

export function transform(code: string, facts: TransformFacts): TransformResult {
  // A second copy of the plugin, or a bundle of our own output.
  if (code.includes('__otel_setup(') || !/\bexports?\b/.test(code)) return NOTHING
  const { program, comments, errors } = parseSync(facts.path, code)
  const [error] = errors
  // The bundler reports its own syntax errors, on the code as the user wrote it.
  if (error) return NOTHING
  const { values, stars, isCommonJs } = findExports(program, comments, code)

  const wraps: Wrap[] = []
  const nearMisses: NearMiss[] = []
  for (const value of values) {
    const { line } = positionAt(code, value.start)
    const why = reasonNotToWrap(value, facts)
    if (why === undefined)
      wraps.push({
        name: value.name,
        kind: facts.kinds[value.name]!,
        line,
        shape: value.shape,
        id: `__otel_${wraps.length}`,
      })
    else if (why) nearMisses.push({ name: value.name, line, why })
  }
  for (const source of stars) {
    if (wraps.length === 0)
      nearMisses.push({
        name: '*',
        line: 1,
        why: `re-exported by \`export * from '${source}'\`: export the handler by name`,
      })
  }
  const wrapped = wraps.map(({ name, kind, line }) => ({ name, kind, line }))
  if (wraps.length === 0) return { ...NOTHING, nearMisses }

  const magic = new MagicString(code)
  if (isCommonJs) wrapCommonJs(magic, wraps, facts)
  else wrapEsm(magic, code, program, values, wraps, facts)
  const output = {
    code: magic.toString(),
    map: magic.generateMap({ source: facts.path, hires: 'boundary', includeContent: true }),
  }
  return { output, wrapped, nearMisses }
}

/** Undefined: wrap it. Empty: nothing to say. */
function reasonNotToWrap(value: ExportedValue, facts: TransformFacts): string | undefined {
  const isNamed = Object.hasOwn(facts.kinds, value.name)
  if (value.ignored) return 'otel:ignore'
  if (!isNamed) return value.isFunction ? `a function, but not one of ${Object.keys(facts.kinds).join(', ')}` : ''
  if (value.shape.form === 'unsupported') return value.shape.why
  return value.isFunction === false ? 'not a function' : undefined
}
