/** What a test has shown about a bundler: if the test passes, it is in the README's table (tools/bundler-table.ts). */
import { TestRunner } from 'vitest'

export interface Ran {
  /** A row of the table. */
  readonly bundler: string
  readonly what: string
  readonly variant?: string | undefined
}

declare module 'vitest' {
  interface TaskMeta {
    ran?: Ran[]
  }
}

export function ran(bundler: string, what: string, variant?: string): void {
  const meta = TestRunner.getCurrentTest()?.meta
  if (meta) (meta.ran ??= []).push({ bundler, what, variant })
}
