import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { startLambda } from './lambda-host.ts'
import type { LambdaHost, LambdaOptions } from './lambda-host.ts'

/** Writes the files into a temporary folder, which is removed when the test ends. */
export function functionFolder(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'harness-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, source] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, source)
  }
  return folder
}

/** A function whose only file is `index.mjs`; stopped when the test ends. */
export async function startFunction(source: string, options: Partial<LambdaOptions> = {}): Promise<LambdaHost> {
  const taskRoot = functionFolder({ 'index.mjs': source })
  const lambda = await startLambda({ taskRoot, handler: 'index.handler', ...options })
  onTestFinished(() => lambda.stop())
  return lambda
}
