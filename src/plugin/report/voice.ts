/** The bundler's own log, and what a build says there. */
import type { Finished } from './report.ts'

export interface Voice {
  info(text: string): void
  warn(text: string): void
  /** Fails the build. May throw. */
  fail(text: string): void
}

export function tell({ info, problem, isError }: Finished, voice: Voice): void {
  if (info !== undefined) voice.info(info)
  if (problem !== undefined) voice[isError ? 'fail' : 'warn'](problem)
}

/** For what was said before. */
export const silence: Voice = { info() {}, warn() {}, fail() {} }

/** For bundlers whose log goes to stdout, or nowhere. */
export function onStderr(text: string): void {
  process.stderr.write(`${text}\n`)
}
