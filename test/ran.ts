/** What a test has shown about a bundler: if the test passes, it is in the README's table (tools/bundler-table.ts). */
import { TestRunner } from 'vitest'

export interface Ran {
  /** A row of the table. */
  readonly bundler: string
  readonly what: string
  readonly variant?: string | undefined
}

/** The fixtures that passed with a bundler: the table of shapes is made of them (tools/row-table.ts). */
export interface RanFixtures {
  readonly bundler: string
  /** `platform/file` */
  readonly passed: readonly string[]
}

declare module 'vitest' {
  interface TaskMeta {
    ran?: Ran[]
    fixtures?: RanFixtures
    rows?: string[]
  }
}

export function ran(bundler: string, what: string, variant?: string): void {
  const meta = TestRunner.getCurrentTest()?.meta
  if (meta) (meta.ran ??= []).push({ bundler, what, variant })
}

/** Also of a test that fails for other fixtures. */
export function ranFixtures(bundler: string, platform: string, files: readonly string[]): void {
  const meta = TestRunner.getCurrentTest()?.meta
  if (meta) meta.fixtures = { bundler, passed: files.map((file) => `${platform}/${file}`) }
}

/** A shape that only its platform's own SDK can show, in what a bundler made of it. @param row of test/rows.ts */
export function ranRow(bundler: string, row: number): void {
  const meta = TestRunner.getCurrentTest()?.meta
  if (meta) (meta.rows ??= []).push(`${bundler} ${row}`)
}
