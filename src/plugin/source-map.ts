/**
 * The source map of a transformed module. magic-string tells where each line and each piece begins; between those the
 * text is the user's own, so where its words are is counted. To be told each word takes longer than the parse.
 */
import { SourceMap, type MagicString } from 'magic-string'

/** Column, source, original line, original column. */
type Segment = readonly [column: number, source: number, line: number, originalColumn: number]

/** @param source as bundlers resolve it: against the module's own folder */
export function createMap(magic: MagicString, code: string, output: string, source: string): SourceMap {
  const decoded = magic.generateDecodedMap({ source, includeContent: true })
  const map = new SourceMap({ ...decoded, mappings: [] })
  map.mappings = encode(decoded.mappings as unknown as readonly (readonly Segment[])[], code, output)
  return map
}

/** https://tc39.es/ecma426/#sec-mappings-grammar */
function encode(lines: readonly (readonly Segment[])[], code: string, output: string): string {
  const starts = lineStarts(code)
  let mappings = ''
  let lineStart = 0
  let [lastLine, lastColumn] = [0, 0]
  for (const segments of lines) {
    const end = output.indexOf('\n', lineStart)
    const lineEnd = end < 0 ? output.length : end
    let at = 0
    for (const [n, [column, , line, originalColumn]] of segments.entries()) {
      mappings += `${n > 0 ? ',' : ''}${vlq(column - at)}A${vlq(line - lastLine)}${vlq(originalColumn - lastColumn)}`
      at = column
      lastLine = line
      lastColumn = originalColumn
      const shift = starts[line]! + originalColumn - lineStart - column
      const until = n + 1 < segments.length ? lineStart + segments[n + 1]![0] : lineEnd
      let wasInWord = isInWord(output.charCodeAt(lineStart + column))
      for (let index = lineStart + column + 1; index < until; index++) {
        const unit = output.charCodeAt(index)
        // What was put in the place of the user's text, or after it, has none of the user's words.
        if (unit !== code.charCodeAt(index + shift)) break
        const isWord = isInWord(unit)
        if (unit !== SPACE && !(isWord && wasInWord)) {
          const step = index - lineStart - at
          mappings += STEPS[step] ?? toStep(step)
          at += step
          lastColumn += step
        }
        wasInWord = isWord
      }
    }
    mappings += ';'
    lineStart = lineEnd + 1
  }
  return mappings.slice(0, -1)
}

const SPACE = 32

/** Of ASCII: each other character has a position of its own. */
function isInWord(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57) || unit === 95
}

function lineStarts(code: string): number[] {
  const starts = [0]
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** As far in the source as in the output, on the same line. */
function toStep(distance: number): string {
  return `,${vlq(distance)}AA${vlq(distance)}`
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function vlq(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1
  let digits = ''
  for (; rest > 31; rest >>>= 5) digits += DIGITS[(rest & 31) | 32]
  return digits + DIGITS[rest]
}

/** Most words are short. */
const STEPS: readonly string[] = Array.from({ length: 64 }, (_, distance) => toStep(distance))
