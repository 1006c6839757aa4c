/** Where magic-string finds a word, so does our map. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { MagicString } from 'magic-string'
import { SourceMap, type SourceMapPayload, type SourceMapping } from 'node:module'
import { expect, test } from 'vitest'
import { createMap } from '../../src/plugin/source-map.ts'

const root = fileURLToPath(new URL('../../src/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** Edits of all sorts, in the places that a generator of random numbers chose. No source has a `§`. */
function edit(code: string): MagicString {
  const magic = new MagicString(code)
  let seed = code.length
  const random = (below: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) % below
  const size = Math.floor(code.length / 20)
  for (let piece = 0; piece < 19; piece++) {
    const start = piece * size + random(size)
    const end = Math.min(start + 1 + random(30), (piece + 1) * size)
    if (end <= start) continue
    const kind = random(5)
    if (kind === 0) magic.remove(start, end)
    if (kind === 1) magic.overwrite(start, end, ['§ § §:', '§\n§\n'][random(2)]!)
    if (kind === 2) magic.appendLeft(start, '§\n§§ § ')
    if (kind === 3) magic.appendRight(start, '§§§')
  }
  return magic.prepend('import a from "b"\n').append('\n;export { a }\n')
}

const breaks: [string, (code: string) => string][] = [
  ['\\n', (code) => code],
  ['\\r\\n', (code) => code.replaceAll('\n', '\r\n')],
  ['no break at the end, letters of two units', (code) => code.replaceAll('the', '𝓽𝓱𝓮').trimEnd()],
]

test.each(breaks)('%s', (_, toCode) => {
  for (const file of files) {
    const code = toCode(readFileSync(root + file, 'utf8'))
    const magic = edit(code)
    const output = magic.toString()
    const ours = createMap(magic, code, output, 'a.ts')
    const theirs = magic.generateMap({ source: 'a.ts', hires: 'boundary', includeContent: true })
    expect({ ...ours, mappings: '' }).toEqual({ ...theirs, mappings: '' })
    expect(ours.toUrl()).toContain('data:application/json')
    const find = new SourceMap(JSON.parse(ours.toString()) as SourceMapPayload)
    const expected = new SourceMap(JSON.parse(theirs.toString()) as SourceMapPayload)
    const lines = code.split('\n')
    const wrong: object[] = []
    let compared = 0
    for (const [line, text] of output.split('\n').entries()) {
      for (const { 0: word, index } of text.matchAll(/\b\w+|[^\w\s]/g)) {
        const { originalLine = -1, originalColumn } = expected.findEntry(line, index) as Partial<SourceMapping>
        // Only the user's words have positions of their own.
        if (!lines[originalLine]?.startsWith(word, originalColumn)) continue
        compared++
        const found = find.findEntry(line, index) as Partial<SourceMapping>
        if (found.originalLine === originalLine && found.originalColumn === originalColumn) continue
        wrong.push({ file, line, index, word, found })
      }
    }
    expect(wrong).toEqual([])
    expect(compared).toBeGreaterThan(0)
  }
})
