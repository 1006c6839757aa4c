/** What is said of a finding: that it may stay, what it is still good for, and what to do about it. */

export interface Texts {
  readonly why: string
  readonly remedy: string
}

export const SURE: Texts = {
  why: 'harmless to leave; spans leave with the invocation',
  remedy: 'Remove it: npx unplugin-otel migrate',
}

export const UNREGISTERED: Texts = {
  why: 'harmless to leave; spans leave with the invocation if their provider is registered when the module is loaded',
  remedy: 'Remove it if it is: npx unplugin-otel migrate --all',
}

export const UNWRAPPED: Texts = {
  why: 'harmless to leave; spans leave with the invocation of a wrapped handler',
  remedy: 'Remove it if nothing else calls this: npx unplugin-otel migrate --all',
}

export const LATE: Texts = {
  why: 'harmless to leave; spans that end before the handler has settled leave with the invocation',
  remedy: 'Remove it if no span ends later: npx unplugin-otel migrate --all',
}

export const SET_UP: Texts = {
  why: 'harmless to leave; your own SDK records and exports, and is flushed with the invocation',
  remedy: 'Without an SDK of yours unplugin-otel exports to OTEL_EXPORTER_OTLP_ENDPOINT.',
}

export const EDGE: Texts = {
  why: 'harmless to leave; unplugin-otel chooses the runtime at build time',
  remedy: 'Import the package itself, where it has one entry for every runtime.',
}

/** @param sends whose client sends by itself */
export function clientTexts(sends: string): Texts {
  return {
    why: `harmless to leave; only what the client of ${sends} sends by itself needs it`,
    remedy: `Remove it when you leave ${sends}: npx unplugin-otel migrate --all`,
  }
}

export function wrapperTexts(sends: string): Texts {
  if (!sends) return { why: 'the build wraps the handler as well', remedy: 'Export the handler itself.' }
  return {
    why: `harmless to leave; ${sends} traces these calls by it, unplugin-otel does not trace them yet`,
    remedy: `Keep it while you read them in ${sends}.`,
  }
}
