/** Modules that are not even parsed, because that could end the build, or cost it more than it should. */

/**
 * In UTF-16 code units. A megabyte of code takes up to 0.8 s and 120 MB to parse and walk; a handler that somebody
 * wrote has some kilobytes, so more is the output of another build.
 */
const MAX_LENGTH = 2_000_000

/**
 * Brackets inside each other. The parser recurses in native code, where an overflow ends the process: functions in
 * functions fill the 4 MB that a worker thread has at 1,400 levels, and parentheses those of the main thread at 6,000.
 */
const MAX_DEPTH = 500

export interface Unread {
  readonly why: string
  /** Where it is too much. */
  readonly start: number
}

/** @returns why a module is left; undefined: it can be parsed */
export function findUnread(code: string): Unread | undefined {
  if (code.length > MAX_LENGTH) {
    return {
      why: `${code.length} characters, more than the ${MAX_LENGTH} that are read: wrap what it was made from`,
      start: 0,
    }
  }
  const start = findDepth(code)
  return start === undefined ? undefined : { why: `brackets nest more than ${MAX_DEPTH} deep`, start }
}

/** @returns where brackets nest too deep. Those in strings and comments count, too: there they are not that many. */
export function findDepth(code: string): number | undefined {
  let depth = 0
  for (let at = 0; at < code.length; at++) {
    const unit = code.charCodeAt(at)
    if (unit === 0x28 || unit === 0x5b || unit === 0x7b) {
      if (++depth > MAX_DEPTH) return at
    } else if ((unit === 0x29 || unit === 0x5d || unit === 0x7d) && depth > 0) depth--
  }
  return undefined
}
