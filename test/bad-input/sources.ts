/** Entries that nobody would write, and that builds meet all the same. */

const HANDLER = 'export const handler = async () => 1\n'
const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** What becomes of the entry, wherever the bundler builds it at all. */
export type Fate =
  /** The bytes of a build without the plugin; what is said has this. */
  | RegExp
  /** Wrapped, with the names that a build without the plugin exports. */
  | 'wrapped'

interface Source {
  readonly content: string | Uint8Array
  readonly fate: Fate
  /** Bundlers that come to another end. */
  readonly but?: Readonly<Record<string, Fate>>
}

const NOTHING = /nothing is wrapped: /
/** esbuild and Bun leave it to the plugin to decode a file, and not all decoders make the same of such bytes. */
const decoded = {
  fate: 'wrapped',
  but: { esbuild: /src\/index\.ts:1:\d+ not UTF-8\n/, bun: /src\/index\.ts:1:\d+ not UTF-8\n/ },
} as const
const names = ['default', 'class', 'await', 'constructor', 'hasOwnProperty', 'toString', 'then', 'let', 'eval']

export const sources: Readonly<Record<string, Source>> = {
  'a syntax error': { content: 'export const handler = async ( => 1\n', fate: NOTHING },
  'a syntax error behind a handler': { content: `${HANDLER}const = 1\n`, fate: NOTHING },
  'an export twice': { content: `${HANDLER}export { handler }\n`, fate: NOTHING },
  binary: { content: Uint8Array.from({ length: 4_096 }, (_, n) => (n * 7_919) % 256), fate: NOTHING },
  'binary that says export': { content: Buffer.from('\0export\x01 handler\xff\xfe', 'latin1'), fate: NOTHING },
  'Latin-1 in a string': { content: latin1("export const handler = async () => 'caf\xe9'\n"), ...decoded },
  'half a character': { content: latin1("export const handler = async () => '\xe2\x82'\n"), ...decoded },
  'a surrogate in UTF-8': { content: latin1("export const handler = async () => '\xed\xa0\x80'\n"), ...decoded },
  'UTF-16': { content: Buffer.from(`\uFEFF${HANDLER}`, 'utf16le'), fate: NOTHING },
  'U+FFFD as it is': { content: "export const handler = async () => '\uFFFD'\n", fate: 'wrapped' },
  empty: { content: '', fate: NOTHING },
  'a comment': { content: '// export const handler\n/* exports.handler = 1 */\n', fate: NOTHING },
  'a byte order mark alone': { content: '\uFEFF', fate: NOTHING },
  'nested deep': {
    content: `const deep = ${'['.repeat(600)}1${']'.repeat(600)}\n${HANDLER}`,
    fate: /src\/index\.ts:1:\d+ brackets nest more than 500 deep\n/,
  },
  'an addition of a thousand': { content: `const a = ${'1 + '.repeat(1_000)}1\n${HANDLER}`, fate: 'wrapped' },
  'a thousand exports': {
    content: Array.from({ length: 1_000 }, (_, n) => `export const e${n} = ${n}\n`).join('') + HANDLER,
    fate: 'wrapped',
  },
  'keywords as names': {
    content: `const x = async () => 1\nexport { ${names.map((name) => `x as ${name}`).join(', ')} }\n`,
    fate: 'wrapped',
  },
  '__proto__ as a name': {
    content: `const x = async () => 1\nexport { x as __proto__, x as handler }\n`,
    fate: 'wrapped',
  },
  'strings as names': {
    content: `const x = async () => 1\nexport { x as 'a-b', x as '😀', x as '', x as handler }\n`,
    fate: 'wrapped',
  },
  'a lone surrogate as a name': { content: `const x = 1\nexport { x as '\\uD800' }\n`, fate: NOTHING },
  'escapes in names': {
    content: `export const \\u0068andler = async () => 1\nexport { h\\u{61}ndler as main }\n`,
    fate: 'wrapped',
  },
}
