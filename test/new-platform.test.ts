/**
 * A platform is two files, one registry line, one driver and one fixture. This adds one to a copy of the tree
 * and runs what would notice if anything else had to change.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
const ADDED: Record<string, string> = {
  'plugin.ts.txt': 'src/plugin/platforms/acme.ts',
  'runtime.ts.txt': 'src/runtime/platforms/acme.ts',
  'driver.ts.txt': 'test/drivers/acme.ts',
  'fixture.ts.txt': 'test/fixtures/acme/job.ts',
}

/** All but what is installed or made; what is installed is shared. */
function copyTree(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'new-platform-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const isMade = (file: string) => /^(node_modules|dist|\.git|\.cache|\.wrangler)$/.test(path.basename(file))
  cpSync(root, folder, { recursive: true, filter: (file) => file === root || !isMade(file) })
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

test('two files, one registry line, one driver, one fixture', { timeout: 300_000 }, () => {
  const folder = copyTree()
  for (const [from, to] of Object.entries(ADDED)) {
    mkdirSync(path.dirname(path.join(folder, to)), { recursive: true })
    cpSync(path.join(root, 'test/new-platform', from), path.join(folder, to))
  }
  appendFileSync(path.join(folder, 'src/plugin/registry.ts'), "export { default as acme } from './platforms/acme.ts'\n")
  // Outside of CI a new fixture writes its snapshot; one that exists must match everywhere.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CI$|VITEST|TEST$|NODE_ENV$)/.test(name)),
  )
  const run = (...args: string[]) => {
    try {
      return execFileSync(process.execPath, args, { cwd: folder, env, encoding: 'utf8', stdio: 'pipe' })
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string }
      throw new Error(`${args.join(' ')}\n${stdout}\n${stderr}`, { cause: error })
    }
  }
  const bin = (name: string) => path.join(folder, 'node_modules', name)
  run(bin('tsdown/dist/run.mjs'), '--logLevel', 'error')
  for (const project of ['src/runtime', 'src/plugin', 'test']) run(bin('typescript/bin/tsc'), '-p', project)
  const tests = (project: string, ...args: string[]): { numPassedTests: number; numFailedTests: number } => {
    const report = path.join(folder, `${project}.json`)
    const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
    run(bin('vitest/vitest.mjs'), 'run', '--project', project, ...reporters, ...args)
    return JSON.parse(readFileSync(report, 'utf8'))
  }
  const plugin = tests('unit', 'test/plugin')
  expect(plugin).toMatchObject({ numFailedTests: 0, numPassedTests: expect.any(Number) })
  expect(readFileSync(path.join(folder, 'test/fixtures/acme/job.out.txt'), 'utf8')).toContain('wrapped 1 job (onJob)')
  const published = tests('built', 'test/package.test.ts', '-t', 'pack content|exported names')
  expect(published).toMatchObject({ numFailedTests: 0, numPassedTests: 2 })
  const behaviour = tests('built', 'test/suite.test.ts', '-t', 'acme')
  expect(behaviour).toMatchObject({ numFailedTests: 0 })
  expect(behaviour.numPassedTests).toBeGreaterThanOrEqual(10)
})
