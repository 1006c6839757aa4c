/** What is published: files, exports, types. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { expect, onTestFinished, test } from 'vitest'
import { platformIds, platforms } from '../src/plugin/known-platforms.ts'

const root = path.resolve(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))

function pack(): { tarball: Uint8Array<ArrayBuffer>; files: string[] } {
  const folder = mkdtempSync(path.join(tmpdir(), 'pack-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const output = execFileSync(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder],
    { cwd: root, encoding: 'utf8' },
  )
  const [packed] = Object.values(JSON.parse(output)) as { files: { path: string }[] }[]
  const [name] = readdirSync(folder)
  return {
    tarball: new Uint8Array(readFileSync(path.join(folder, name!))),
    files: packed!.files.map((file) => file.path),
  }
}

test('pack content', () => {
  const { files } = pack()
  // Which chunks there are is the bundler's business, and which platforms is the registry's.
  const names = files
    .map((file) => file.replace(/chunks\/[\w-]+(?=\.)|(?<=\/)[\w-]+-[\w-]{8}(?=\.(?:d\.ts|js)$)/, '<chunk>'))
    .filter((file) => !platformIds.some((id) => file.startsWith(`dist/runtime/${id}.`)))
    .filter((file) => !file.startsWith('dist/runtime/installers/'))
  expect([...new Set(names)].toSorted()).toMatchSnapshot()
  for (const id of platformIds) {
    expect(files).toEqual(expect.arrayContaining([`dist/runtime/${id}.js`, `dist/runtime/${id}.d.ts`]))
  }
  const installers = platforms.flatMap((platform) => Object.entries(platform.installers ?? {}))
  const named = installers.flatMap(([name, { redirects = {} }]) => [name, ...Object.values(redirects)])
  expect(files).toEqual(expect.arrayContaining(named.map((name) => `dist/runtime/installers/${name}.js`)))
})

test('publint finds nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true })
  expect(messages.map((message) => formatMessage(message, pkg!))).toEqual([])
})

test('attw: every entry resolves to its types (ESM only)', async () => {
  const result = await checkPackage(createPackageFromTarballData(pack().tarball))
  if (!result.types) throw new Error('the package has no types')
  // `require(esm)` is how CommonJS configurations load us; node10 knows no export maps.
  const ignored = new Set(['CJSResolvesToESM'])
  const problems = result.problems.filter(
    ({ kind, ...problem }) =>
      !ignored.has(kind) && !('resolutionKind' in problem && problem.resolutionKind === 'node10'),
  )
  expect(problems).toEqual([])
})

test('exported names of every entry', async () => {
  const entries = Object.entries<{ default?: string }>(manifest.exports).flatMap(([name, target]) => {
    if (!target.default) return []
    if (!name.includes('*')) return [[name, target.default] as const]
    const folder = path.join(root, 'dist/runtime')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      // What installers stand in for is installed where it is used.
      (file) =>
        file.endsWith('.js') &&
        !/chunks|^index|^installers/.test(file) &&
        !platformIds.some((id) => file === `${id}.js`),
    )
    return files.map((file) => [name.replace('*', file.replace(/\.js$/, '')), `./dist/runtime/${file}`] as const)
  })
  const names: Record<string, string[]> = {}
  for (const [name, file] of entries) names[name] = Object.keys(await import(path.join(root, file))).toSorted()
  expect(names).toMatchSnapshot()
})

/** npm puts Node 24 of `tools/node` before it. */
const systemNode = process.env['PATH']!.split(path.delimiter)
  .filter((folder) => !folder.includes('node_modules'))
  .map((folder) => path.join(folder, 'node'))
  .find((file) => existsSync(file))

const adapters = Object.keys(manifest.exports)
  .filter((name) => !/^\.$|next|sst|runtime|config|package\.json/.test(name))
  .map((name) => name.replace('.', 'unplugin-otel'))

test.each([process.execPath, ...(systemNode ? [systemNode] : [])])(
  '`require` in a .cjs file gives the plugin itself, for every bundler, in %s',
  (node) => {
    const file = path.join(root, '.cache/require.cjs')
    mkdirSync(path.dirname(file), { recursive: true })
    const load = `[...process.argv.slice(2)].map((name) => typeof require(name) === 'function' && typeof require(name)())`
    writeFileSync(file, `console.log(JSON.stringify(${load}))`)
    const output = execFileSync(node, [file, ...adapters], { encoding: 'utf8' })
    expect(JSON.parse(output)).toEqual(adapters.map(() => 'object'))
  },
)

test('the command line', () => {
  const bin = path.join(root, manifest.bin['unplugin-otel'])
  const run = (...args: string[]) => execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8', stdio: 'pipe' })
  expect(run('--version').trim()).toBe(manifest.version)
  expect(run('--help')).toContain('Usage')
  expect(() => run('--versoin')).toThrow(/unknown option 'versoin'\nDid you mean '--version'\?/)
  expect(() => run('frobnicate')).toThrow(/unknown command 'frobnicate'/)
})
