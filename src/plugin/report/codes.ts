/**
 * Every message of the build (UO1xx) and of the running function (UO2xx), for good: a code that is not used any more is
 * not given to another message. `docs/errors.md` is made of this.
 */
import type { buildCodes } from './build-codes.ts'
import type { runCodes } from './run-codes.ts'

export interface Explained {
  /** What is the case, as a heading. */
  readonly title: string
  /** When it is said. */
  readonly cause: string
  /** What to do. */
  readonly remedy: string
}

export type BuildCode = keyof typeof buildCodes
export type RunCode = keyof typeof runCodes

/** Where a code is explained. */
export function linkTo(code: BuildCode | RunCode): string {
  return `https://unpkg.com/unplugin-otel/docs/errors.md#${code.toLowerCase()}`
}
