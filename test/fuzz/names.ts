/** Names that modules bind and export: those of handlers often, and those that look like syntax or like ours. */
import * as fc from 'fast-check'

/** How a name is written. `escaped` has its first letter as an escape: the same name. */
export interface Name {
  readonly text: string
  readonly isEscaped: boolean
}

const LOCALS = [
  'handler',
  'GET',
  'main',
  'fetch',
  'onRequest',
  'Counter',
  'run',
  'table',
  'proxy',
  'middleware',
  'POST',
  'config',
  'async',
  'of',
  'get',
  'as',
  'from',
  'type',
  'satisfies',
  'café',
  '𝒽andler',
  '$',
  '_',
  '__otel',
  '__otel_0',
  '__otel_s',
  '__otel1_0',
  '__otel_0_default',
  'value',
]

const EXPORTED = [
  'handler',
  'default',
  'GET',
  'fetch',
  'onRequest',
  'onRequestGet',
  'main',
  'function',
  'Counter',
  'proxy',
  'middleware',
  'POST',
  'my-handler',
  'a-b',
  '',
  'class',
  'toString',
  'constructor',
  '__proto__',
  '💥',
  '__otel_0',
  'runtime',
  "it's",
  'a"b',
]

const often = (names: readonly string[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...names.slice(0, 6)) }, fc.constantFrom(...names))

const escaped = fc.oneof({ weight: 12, arbitrary: fc.constant(false) }, fc.constant(true))

export const localName: fc.Arbitrary<Name> = fc.record({ text: often(LOCALS), isEscaped: escaped })
export const exportedName: fc.Arbitrary<Name> = fc.record({ text: often(EXPORTED), isEscaped: escaped })

/** As an identifier. */
export function spell({ text, isEscaped }: Name): string {
  if (!isEscaped) return text
  const [first] = text
  return `\\u{${first!.codePointAt(0)!.toString(16)}}${text.slice(first!.length)}`
}

/** Behind `as`: what is no identifier is a string. */
export function spellExported(name: Name): string {
  return isIdentifier(name.text) ? spell(name) : JSON.stringify(name.text)
}

export function isIdentifier(text: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(text)
}
