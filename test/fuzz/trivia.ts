/** What stands between the tokens of a module and means nothing, however much it looks like code. */
import * as fc from 'fast-check'

/** Between two tokens, where a line may end. */
export const gap = fc.oneof(
  { weight: 12, arbitrary: fc.constant(' ') },
  fc.constantFrom(
    '\t',
    '\n',
    '  ',
    ' /* export default { */ ',
    ' // default {\n  ',
    ' /**/ ',
    ' /* as handler } */\n',
    '\u00a0',
    ' /* 𝒽 */ ',
  ),
)

/** Before a statement; `@` is a label that no other has. */
export const comment = fc.oneof(
  { weight: 8, arbitrary: fc.constant('') },
  fc.constantFrom(
    '// export const handler = () => {} @\n',
    '/* export default @ */ ',
    '/** @ts-expect-error export { handler } @ */\n',
    "// it's `a quote\n",
    '/* otel:ignore-not @ */\n',
    '// see otel:ignore @\n',
    '/*\nexports.handler = 1 @\n*/\n',
    '/* ({[ */ ',
    '// \u{1f4a5} @\n',
    '/* otel:ignore */ ',
    '// otel:ignore\n',
  ),
)

/** Statements that export nothing. */
const NOISE: readonly string[] = [
  "track('@')",
  "track('export const handler = @')",
  'track(`export { handler as default } ${`@ ${1} exports.handler = `}`)',
  "track(/export default @/.test('/* otel:ignore */'), '@')",
  '{ const handler = 1, exports = 2, module = { exports }; track(handler, module, "@") }',
  '(function handler(exports) { track(typeof exports, "@"); exports = handler; exports.handler = 1 })({})',
  '[1].map((fetch) => track(fetch, "@"))',
  '`@`.length',
  'label: for (const GET of [1]) { track(GET, "@"); break label }',
  '/}/g.exec("@")',
  'if (false) { track("@") } else track("@")',
  "track('\\\n@')",
  ';',
  'try { throw "@" } catch (handler) { handler = track(handler) }',
  'for (let handler = 0; handler < 2; handler++) track("@", handler)',
  'track(((a, b) => a / b / 2)(4, 2) / 1, "@")',
  'track({ export: 1, default: 2, get handler() { return "@" } }.handler)',
  'track(class { static { var main = "@"; track(main) } static export = 1 }.export)',
  `track('${'export const handler = '.repeat(120)}@')`,
  'track("\\u2028\u2028@")',
  'track(typeof this, "@")',
]

export const noise = fc.constantFrom(...NOISE)

/** What ends a statement: nothing where the line end does. */
export const semicolon = fc.oneof(
  { weight: 6, arbitrary: fc.constant(';') },
  fc.constantFrom('', ' ;;', '; // export {'),
)
