/** A build of which nothing reaches the terminal: what it said is kept. */
import path from 'node:path'
import { vi } from 'vitest'
import { extensionOf, type Build, type Bundler } from './build.ts'

export interface SilentBuild {
  readonly warnings: readonly string[]
  /** To stderr. */
  readonly printed: string
  /** Both of them, a line each. */
  readonly said: string
  /** @returns where that output is, absolute */
  output(name?: string): string
}

/** For some bundlers the project is the folder that the process is in. */
export async function buildSilently(bundler: Bundler, build: Build): Promise<SilentBuild> {
  const { result: warnings, printed } = await runSilently(build.root, () => bundler(build))
  return {
    warnings,
    printed,
    said: [...warnings, printed].join('\n'),
    output: (name = 'index') => path.join(build.outdir, `${name}.${extensionOf(build)}`),
  }
}

/** Runs it as if the process were in `root`. */
export async function runSilently<T>(root: string, run: () => Promise<T>): Promise<{ result: T; printed: string }> {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const result = await run()
    return { result, printed: stderr.mock.calls.map(([text]) => String(text)).join('') }
  } finally {
    cwd.mockRestore()
    stderr.mockRestore()
  }
}
