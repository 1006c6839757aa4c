/** Names of ours in a module: those that are free, and those that tell that we have been there. */

/** @returns `__otel`, numbered when the user's code has such names */
export function choosePrefix(code: string): string {
  // A name may be written with escapes.
  const names = code.includes('\\u') ? code.replace(ESCAPE, unescape) : code
  let prefix = '__otel'
  for (let n = 1; names.includes(prefix); n++) prefix = `__otel${n}`
  return prefix
}

/** https://tc39.es/ecma262/#prod-UnicodeEscapeSequence, of the letters that a prefix has */
const ESCAPE = /\\u(?:00([0-9a-f]{2})|\{0*([0-9a-f]{2})\})/gi

function unescape(_: string, four?: string, braced?: string): string {
  return String.fromCharCode(Number.parseInt(four ?? braced!, 16))
}

/** Our own output, also from a second copy of the plugin, or a bundle of it. */
export function isEmitted(code: string): boolean {
  return /\b__otel\d*_s = \/\* @__PURE__ \*\/ /.test(code)
}

/** An output of a bundler that has our runtime in it. What is minified has this name of `runtime/slot.ts`, too. */
export function findBundled(code: string): number | undefined {
  const at = code.indexOf('unplugin-otel.v1')
  return at === -1 || /['"]unplugin-otel\/runtime\//.test(code) ? undefined : at
}
