/** What `withOtel()` makes of a configuration for Turbopack, which differs between 15 and 16. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { withOtel, type Options } from '../../src/plugin/next.ts'

// It is off under Vitest by itself.
const on: Options = { enabled: true, serviceName: 'shop' }
const GLOBS = [
  '**/{app,src/app}/**/route.{tsx,ts,jsx,js}',
  '**/{pages,src/pages}/api/**/*.{tsx,ts,jsx,js}',
  '**/{proxy,src/proxy}.{tsx,ts,jsx,js}',
  '**/{middleware,src/middleware}.{tsx,ts,jsx,js}',
]

// oxlint-disable-next-line typescript/no-explicit-any
type Extended = any

/** In a project with this Next.js. */
function useNext(version: string): void {
  const root = mkdtempSync(join(tmpdir(), 'with-otel-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'node_modules/next'), { recursive: true })
  writeFileSync(join(root, 'node_modules/next/package.json'), JSON.stringify({ name: 'next', version }))
  vi.spyOn(process, 'cwd').mockReturnValue(root)
  vi.stubEnv('TURBOPACK', 'auto')
}

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

const loader = expect.stringMatching(/[\\/]loader\.cjs$/)

test('16: a rule for each runtime, before those of the user', () => {
  useNext('16.4.5')
  const own = { loaders: ['mine'], as: '*.js' }
  const turbopack = { root: '/repository', rules: { '*.svg': own, [GLOBS[0]!]: own, [GLOBS[1]!]: [own, 'other'] } }
  const config: Extended = withOtel({ turbopack }, on)
  expect(config).not.toHaveProperty('webpack')
  expect(config.turbopack.root).toBe('/repository')
  const { rules } = config.turbopack
  expect(Object.keys(rules)).toEqual(expect.arrayContaining(['*.svg', ...GLOBS]))
  expect(rules['*.svg']).toBe(own)
  const ours = (['node', 'edge'] as const).map((target) => ({
    condition: { all: [{ not: 'foreign' }, target === 'edge' ? 'edge-light' : 'node'] },
    loaders: [{ loader, options: expect.objectContaining({ options: on, target }) }],
  }))
  expect(rules[GLOBS[0]!]).toEqual([...ours, own])
  expect(rules[GLOBS[1]!]).toEqual([...ours, own, 'other'])
  expect(rules[GLOBS[2]!]).toEqual(ours)
  expect(turbopack.rules[GLOBS[0]!]).toBe(own)
})

test('15: loaders in one list, ours last, because the last runs first', () => {
  useNext('15.5.28')
  const [a, b] = GLOBS as [string, string]
  const rules = { [a]: { loaders: ['mine'], as: '*.ts' }, [b]: ['mine'] }
  const config: Extended = withOtel({ turbopack: { rules } }, on)
  const ours = { loader, options: expect.not.objectContaining({ target: expect.anything() }) }
  expect(config.turbopack.rules[a]).toEqual({ loaders: ['mine', ours], as: '*.ts' })
  expect(config.turbopack.rules[b]).toEqual({ loaders: ['mine', ours] })
  expect(config.turbopack.rules[GLOBS[3]!]).toEqual({ loaders: [ours] })
})

test('the version is that of the Next that runs, from whichever folder', () => {
  useNext('16.4.5')
  const elsewhere = process.cwd()
  useNext('15.5.28')
  vi.spyOn(process, 'argv', 'get').mockReturnValue(['node', join(process.cwd(), 'node_modules/next/dist/bin/next')])
  vi.mocked(process.cwd).mockReturnValue(elsewhere)
  const config: Extended = withOtel({}, on)
  expect(config.turbopack.rules[GLOBS[3]!]).toEqual({ loaders: [expect.objectContaining({ loader })] })
})

test('the user’s `webpack()` is left for the day that they build with it', () => {
  useNext('16.4.5')
  const webpack = () => ({})
  expect(withOtel({ webpack }, on).webpack).toBe(webpack)
})

test.each([
  [{}, ['unplugin-otel', '@opentelemetry/api']],
  [{ transpilePackages: ['ui', '@opentelemetry/api'] }, ['ui', '@opentelemetry/api', 'unplugin-otel']],
  [{ serverExternalPackages: ['@opentelemetry/api', 'pg'] }, ['unplugin-otel']],
])('packages to bundle beside %j', (own, transpilePackages) => {
  useNext('16.4.5')
  expect(withOtel(own, on)).toEqual({ ...own, transpilePackages, turbopack: expect.anything() })
})

test.each(['15.5.28', '16.4.5'])(
  '%s: the options of the loader are JSON, and another version has others',
  (version) => {
    useNext(version)
    const config: Extended = withOtel({ pageExtensions: ['page.tsx', 'api.ts'] }, on)
    const { rules } = config.turbopack
    expect(JSON.parse(JSON.stringify(rules))).toEqual(rules)
    const all: Extended[] = Object.values(rules).flat()
    const options = all.flatMap(({ loaders }) => loaders).map(({ options: own }) => own)
    expect(options.length).toBeGreaterThanOrEqual(4)
    for (const own of options) {
      expect(own).toMatchObject({
        options: on,
        pageExtensions: ['page.tsx', 'api.ts'],
        version: expect.stringMatching(/^\d/),
      })
    }
    expect(Object.keys(rules)[0]).toBe('**/{app,src/app}/**/route.{page.tsx,api.ts}')
  },
)
