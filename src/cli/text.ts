/** Text of others on a terminal: nothing that moves its cursor, and columns that stand under each other. */

// Control and format characters (bidirectional overrides are format), line separators, lone surrogates.
const RE_UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Longer text is cut before it is looked at: no line shows more. */
const MAX_LENGTH = 2000

export function printable(text: string): string {
  return text.slice(0, MAX_LENGTH).replace(RE_UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? escape(character))
}

/** One line of JSON; its strings mean the same, whatever is escaped. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(RE_UNPRINTABLE, escape)
}

function escape(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
}

const RE_COMBINING = /\p{M}/u
const RE_WIDE =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/u

/** In columns of a terminal. https://www.unicode.org/reports/tr11/ */
export function widthOf(text: string): number {
  let width = 0
  for (const character of text) width += columnsOf(character)
  return width
}

function columnsOf(character: string): number {
  if (character <= '~') return 1
  if (RE_COMBINING.test(character)) return 0
  return RE_WIDE.test(character) ? 2 : 1
}

export function clip(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  const [head = ''] = wrap(text, width - 1)
  return `${head}…`
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)))
}

/** At any character: what is wrapped is messages and ids, of which a copy should be found by searching. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  let used = 0
  for (const character of text) {
    const columns = columnsOf(character)
    if (used + columns > width && line) {
      lines.push(line)
      line = ''
      used = 0
    }
    line += character
    used += columns
  }
  return [...lines, line]
}
