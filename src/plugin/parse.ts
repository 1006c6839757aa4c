/** Source → syntax tree. */
import { parseSync, rawTransferSupported, type ParseResult, type ParserOptions } from 'oxc-parser'
import { extname } from 'pathe'

/**
 * oxc-parser hands the tree over as JSON, or as memory that JavaScript reads: the second takes a fifth of the time,
 * but the code that reads it takes 15 ms to load. After this many characters that has paid off.
 */
const RAW_PAYS_OFF = 130_000

/** Its types do not name it. https://www.npmjs.com/package/oxc-parser */
const RAW: object = { experimentalRawTransfer: true }

let parsed = 0
let canBeRaw = rawTransferSupported()

/** An entry is read twice, once for what it exports from others. */
let last: { readonly extension: string; readonly code: string; readonly result: ParseResult } | undefined

/** The tree is shared: nobody may change it. */
export function parse(path: string, code: string): ParseResult {
  const extension = extname(path)
  if (last?.extension !== extension || last.code !== code) last = { extension, code, result: parseAny(path, code) }
  return last.result
}

/** `.js` may also hold JSX where the bundler is told so, and CommonJS with a `return` at its top level. */
function parseAny(path: string, code: string): ParseResult {
  const plain = parseAs(path, code, {})
  if (plain.errors.length === 0 || !/\.[cm]?js$/.test(path)) return plain
  const others: ParserOptions[] = [{ lang: 'jsx' }, { sourceType: 'commonjs' }]
  return others.map((options) => parseAs(path, code, options)).find(({ errors }) => errors.length === 0) ?? plain
}

function parseAs(path: string, code: string, options: ParserOptions): ParseResult {
  parsed += code.length
  if (canBeRaw && parsed > RAW_PAYS_OFF) {
    try {
      return parseSync(path, code, { ...options, ...RAW })
    } catch {
      // It reserves address space, which a process may be short of.
      canBeRaw = false
    }
  }
  return parseSync(path, code, options)
}
