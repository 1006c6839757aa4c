/** Checks random modules until one fails, which is made as small as it gets. */
import * as fc from 'fast-check'
import { module, type Module } from './module.ts'
import { check, type Fate } from './properties.ts'

export interface Fuzzed {
  readonly seed: number
  readonly checked: number
  readonly fates: Readonly<Record<Fate, number>>
  readonly failure?: Failure
}

export interface Failure {
  readonly module: Module
  readonly why: string
  /** Where fast-check finds it again: `--seed N --path P`. */
  readonly path: string
}

/** @param path of a failure, to see it alone */
export async function fuzz(count: number, seed: number, path?: string): Promise<Fuzzed> {
  const fates: Record<Fate, number> = { wrapped: 0, left: 0, invalid: 0 }
  let checked = 0
  let hasFailed = false
  const holds = async (module: Module) => {
    // What is made smaller is none of the random ones.
    try {
      const fate = await check(module)
      if (hasFailed) return
      fates[fate]++
      checked++
    } catch (error) {
      hasFailed = true
      throw error
    }
  }
  const parameters = { numRuns: path === undefined ? count : 1, seed, ...(path !== undefined && { path }) }
  const { failed, counterexample, counterexamplePath, errorInstance } = await fc.check(
    fc.asyncProperty(module, holds),
    parameters,
  )
  if (!failed) return { seed, checked, fates }
  const failure = { module: counterexample![0], why: describeError(errorInstance), path: counterexamplePath! }
  return { seed, checked, fates, failure }
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

/** Every other seed than the last time, within what fast-check takes. */
export function rotatedSeed(): number {
  return Date.now() % 2 ** 31
}
