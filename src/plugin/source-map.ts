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
  // A segment for each character, of 16 digits at most as long as lines are not absurd; what is written counts.
  let bytes = Buffer.allocUnsafe(output.length * 8 + 1024)
  let size = 0
  const put = (value: number) => {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1
    for (; rest > 31; rest >>>= 5) bytes[size++] = DIGITS[(rest & 31) | 32]!
    bytes[size++] = DIGITS[rest]!
  }
  let lineStart = 0
  let [lastLine, lastColumn] = [0, 0]
  for (const segments of lines) {
    const end = output.indexOf('\n', lineStart)
    const lineEnd = end < 0 ? output.length : end
    const needed = size + (lineEnd - lineStart + segments.length + 1) * 24
    if (needed > bytes.length) bytes = Buffer.concat([bytes.subarray(0, size)], needed * 2)
    let at = 0
    for (const [n, [column, , line, originalColumn]] of segments.entries()) {
      if (n > 0) bytes[size++] = COMMA
      put(column - at)
      bytes[size++] = ZERO
      put(line - lastLine)
      put(originalColumn - lastColumn)
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
          bytes[size++] = COMMA
          put(step)
          bytes[size++] = ZERO
          bytes[size++] = ZERO
          put(step)
          at += step
          lastColumn += step
        }
        wasInWord = isWord
      }
    }
    bytes[size++] = SEMICOLON
    lineStart = lineEnd + 1
  }
  return bytes.toString('latin1', 0, size - 1)
}

const SPACE = 32
const COMMA = 44
const SEMICOLON = 59
const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/')
const ZERO = DIGITS[0]!

/** Of ASCII: each other character has a position of its own. */
function isInWord(unit: number): boolean {
  return (unit >= 97 && unit <= 122) || (unit >= 65 && unit <= 90) || (unit >= 48 && unit <= 57) || unit === 95
}

function lineStarts(code: string): number[] {
  const starts = [0]
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
