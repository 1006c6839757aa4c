/** The report of `withOtel()`, by the command that Next was started with. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Options } from '../../src/plugin/options.ts'

let folder: string
let said: string

beforeEach(() => {
  vi.resetModules()
  folder = mkdtempSync(join(tmpdir(), 'next-report-'))
  said = ''
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => Boolean((said += String(text))))
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

async function report(...args: string[]): Promise<string> {
  return reportWith({}, ...args)
}

async function reportWith(options: Options, ...args: string[]): Promise<string> {
  const { argv } = process
  process.argv = ['node', 'next', ...args]
  try {
    const { reportOnNext } = await import('../../src/plugin/next-report.ts')
    const given = { enabled: true, ...options }
    await Promise.all([reportOnNext(given, ['ts']), reportOnNext(given, ['ts'])])
  } finally {
    process.argv = argv
  }
  return said
}

function writeRoute(): void {
  mkdirSync(join(folder, 'app/api'), { recursive: true })
  writeFileSync(join(folder, 'app/api/route.ts'), 'export const GET = () => new Response()\n')
}

const ROUTE =
  /^\[unplugin-otel\] nextjs, node \(withOtel\(\)\)\n {2}wrapped {2}app\/api\/route\.ts:1:14 GET \(onRoute\)\n$/

test.each(['build', 'dev'])('next %s says once what is wrapped', async (command) => {
  writeRoute()
  expect(await report(command)).toMatch(ROUTE)
})

test('so does the dev server of Next 16, a process that is not told the command', async () => {
  writeRoute()
  vi.stubEnv('__NEXT_DEV_SERVER', '1')
  expect(await report()).toMatch(ROUTE)
})

test('which may be that of another folder: nothing found is no warning there, but is in a build', async () => {
  expect(await report('build')).toContain('nothing')
  said = ''
  vi.resetModules()
  vi.stubEnv('__NEXT_DEV_SERVER', '1')
  expect(await report()).toBe('')
})

test('next start says nothing', async () => {
  writeRoute()
  expect(await report('start')).toBe('')
})

test('of the folder that the command names, absolute or not', async () => {
  writeRoute()
  vi.mocked(process.cwd).mockReturnValue(tmpdir())
  expect(await report('build', folder)).toMatch(ROUTE)
  said = ''
  vi.resetModules()
  expect(await report('build', basename(folder))).toMatch(ROUTE)
})

test('links that lead nowhere, by which Emacs locks a file, and a file called `app` are no reason to fail', async () => {
  writeRoute()
  symlinkSync('nobody@nowhere.1', join(folder, 'app/api/.#route.ts'))
  symlinkSync('nobody@nowhere.1', join(folder, 'proxy.ts'))
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/app'), '')
  expect(await report('build')).toMatch(ROUTE)
})

test.each([
  ['build', [[1]]],
  ['dev', []],
])('under strict a near-miss ends next %s with %j', async (command, exits) => {
  writeRoute()
  writeFileSync(join(folder, 'app/api/route.ts'), 'export const GET = () => new Response()\nexport function get() {}\n')
  const exit = vi.spyOn(process, 'exit').mockReturnValue(undefined as never)
  expect(await reportWith({ strict: true }, command)).toMatch(/app\/api\/route\.ts:2:17 get: a function, but [^]*UO107/)
  expect(exit.mock.calls).toEqual(exits)
})
