/**
 * (code, facts) → wrapped code. Pure, and its own fixed point. Only `export` tokens are taken away, and all else is
 * added around what is the user's: their declarations, and what their code sees of them, stay raw.
 */
import { MagicString, type SourceMap } from 'magic-string'
import { basename } from 'pathe'
import type { BuildCode } from './report/codes.ts'
import { wrapCommonJs } from './emit-commonjs.ts'
import { whyNoThen } from './emit-then.ts'
import { wrapEsm } from './emit-esm.ts'
import type { TransformFacts, Wrap, WrappedHandler } from './emit.ts'
import { choosePrefix, isEmitted } from './emitted.ts'
import { unwrap, type Node } from './ast.ts'
import { findExports, type ExportedValue } from './handlers.ts'
import { guardedNames, toReported } from './guards.ts'
import { findInside, isOpaque } from './inside.ts'
import { definitionOf, findMembers, mayBeClass } from './members.ts'
import type { Note } from './report/notes.ts'
import { parse } from './parse.ts'
import { createLocator, type Position } from './position.ts'
import type { ReExports } from './re-exports.ts'
import { isScript } from './script.ts'
import { createMap } from './source-map.ts'
import { findUnread } from './unread.ts'

/** Why an export, or what may be one, is left as it is. */
export interface Left {
  readonly code: BuildCode
  readonly why: string
  /** Those that were looked for, one of which may have been meant. */
  readonly names?: readonly string[]
}

export interface NearMiss extends Left, Position {
  /** `*`: the module. */
  readonly name: string
}

export interface TransformResult {
  /** Undefined: nothing was wrapped, the module stays as it is. */
  readonly output: { readonly code: string; readonly map: SourceMap } | undefined
  readonly wrapped: readonly WrappedHandler[]
  readonly nearMisses: readonly NearMiss[]
  /** About the flush. */
  readonly notes?: readonly Note[]
}

/** https://react.dev/reference/rsc/directives, and Next's `'use cache'`, also with a profile. */
const REACT = /^use (client|server|cache)\b/

const NOTHING: TransformResult = { output: undefined, wrapped: [], nearMisses: [] }
const NO_RE_EXPORTS: ReExports = { stars: {}, types: [] }

/** By its name alone. */
export function mayWrap(name: string, { kinds, members }: TransformFacts): boolean {
  return Object.hasOwn(kinds, name) || (members !== undefined && (name === 'default' || mayBeClass(name, members)))
}

/** @param reExports what only the modules tell that it exports from */
export function transform(code: string, facts: TransformFacts, reExports: ReExports = NO_RE_EXPORTS): TransformResult {
  if (isEmitted(code) || !(facts.installers || /\bexports?\b/.test(code))) return NOTHING
  const locate = createLocator(code)
  const leave = (why: string, start = 0, name = '*', reason: BuildCode = 'UO108'): TransformResult => ({
    ...NOTHING,
    nearMisses: [{ name, ...locate(start), ...left(why, reason) }],
  })
  const unread = findUnread(code)
  if (unread) return leave(unread.why, unread.start, '*', 'UO110')
  const { program, comments, errors } = parse(facts.path, code)
  const [error] = errors
  // The bundler says it better if the code is wrong; if it is not, nobody else says why nothing is wrapped.
  if (error) return leave(`not parsed: ${error.message}`, error.labels[0]?.start, '*', 'UO110')
  const boundary = (program.body as Node[]).find(({ directive }) => REACT.test(directive ?? ''))
  if (boundary) {
    const why = `a '${boundary.directive}' module: React's compiler has rules of its own for what it exports`
    return leave(why, boundary.start)
  }
  const found = findExports(program, comments, code, reExports.stars)
  const values = found.values.filter(({ name }) => !reExports.types.includes(name))
  const { unnamed, isCommonJs } = found
  const last = new Map(values.map((value) => [value.name, value]))
  const repeated = values.find((value) => last.get(value.name) !== value)
  if (repeated) return leave('exported twice', repeated.start, repeated.name)

  const prefix = choosePrefix(code)
  const wraps: Wrap[] = []
  const nearMisses: NearMiss[] = []
  for (const value of values) {
    const { name, shape } = value
    const position = locate(value.start)
    const wrap = findWrap(value, facts, program.body)
    // Exported by another name, too: what is inside is wrapped once.
    if (!wrap || ('inside' in wrap && wraps.some(({ inside }) => inside?.node === wrap.inside?.node))) continue
    if ('why' in wrap) nearMisses.push({ name, ...position, ...wrap })
    else wraps.push({ ...wrap, name, ...position, shape, id: `${prefix}_${wraps.length}` })
  }
  const installers = (facts.installers ?? []).filter(({ entries }) => !entries || values.length + unnamed.length === 0)
  if (isCommonJs && facts.members && installers.length === 0) return leave('CommonJS: only ES modules have entrypoints')
  const guarded = guardedNames(found, facts.kinds)
  for (const { name, kind, start } of guarded) {
    wraps.push({ name, kind, ...locate(start), shape: { form: 'commonjs-late' }, id: '' })
  }
  if (wraps.length === 0 && installers.length === 0) {
    for (const { start, ...reason } of unnamed) nearMisses.push({ name: '*', ...locate(start), ...reason })
    return { ...NOTHING, nearMisses }
  }
  const asCommonJs = isCommonJs && (wraps.length > 0 || found.assignment || !isScript(program, facts.path))
  if (found.returned && (!asCommonJs || wraps.some(({ inside }) => !inside))) {
    return leave('a `return` at the top level, behind which nothing can be added', found.returned.start)
  }

  const magic = new MagicString(code)
  const context = installers.find((installer) => installer.context)?.context ?? facts.context
  const note = facts.register === 'exported' ? whyNoThen(found) : undefined
  const register = note ? false : facts.register
  const emission = { ...facts, prefix, installers, context, register }
  const source = { code, program, comments }
  if (asCommonJs) wrapCommonJs(magic, source, wraps, emission, found)
  else wrapEsm(magic, source, wraps, emission)
  const wrappedCode = magic.toString()
  const output = { code: wrappedCode, map: createMap(magic, code, wrappedCode, basename(facts.path)) }
  const installed = installers.map(({ registrar, kinds, redirects }) => ({
    name: registrar,
    kind: kinds.join(', '),
    ...locate(0),
    ...(redirects && { redirects }),
  }))
  return { output, wrapped: [...installed, ...toReported(wraps, guarded)], nearMisses, ...(note && { notes: [note] }) }
}

function left(why: string, code: BuildCode = 'UO108'): Left {
  return { code, why }
}

/** What wraps an export, or why nothing does; undefined: that is not worth a word. */
function findWrap(
  value: ExportedValue,
  { kinds, wrappers, members, installers, inside = {}, notHandlers = [], defaultAs }: TransformFacts,
  body: readonly Node[],
): Pick<Wrap, 'kind' | 'members' | 'inside'> | Left | undefined {
  const { name, shape, isFunction, ignored } = value
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (ignored) return left('otel:ignore', 'UO100')
  const found = members && kind === undefined ? findMembers(value, body, members) : undefined
  if (typeof found === 'string') return found ? left(found) : undefined
  if (!found && kind === undefined) {
    // Where all that is registered is seen, it may be one of those.
    const isSeen = notHandlers.includes(name) || installers?.some(({ redirects }) => !redirects)
    const names = Object.keys(kinds)
    if (!isFunction || isSeen || names.length === 0) return undefined
    return { ...left(`a function, but not one of ${names.join(', ')}`, 'UO107'), names }
  }
  const places = kind === undefined || !Object.hasOwn(inside, name) ? [] : inside[name]!
  // Whatever the shape of the export is: it stays.
  const part = places.length > 0 ? findInside(value, body, places) : undefined
  if (part !== undefined) return typeof part === 'string' ? left(part) : { kind: kind!, inside: part }
  if (shape.form === 'unsupported') return left(shape.why, shape.code)
  const isFollowed = 'binding' in shape && shape.binding.assignments.some(({ isLate }) => isLate)
  if (isFollowed && name === 'default' && defaultAs === 'statement') {
    return left('a default export that functions assign again, which Farm does not follow')
  }
  if (found) return found
  const keys = places.flatMap((place) => (place.form === 'property' ? [place.key] : []))
  if (keys.length > 0 && isOpaque(value.value, body)) {
    const objects = Object.fromEntries(keys.map((key) => [key, kind!]))
    return { kind: kind!, members: { objects, classes: {}, itself: kind! } }
  }
  if (String(definitionOf(value.value, body)?.type).startsWith('Class')) return left('a class')
  const isList = unwrap(value.value)?.type === 'ArrayExpression' && wrappers?.[kind!] !== undefined
  if (isFunction === false && !isList) return left('not a function')
  return { kind: kind! }
}
