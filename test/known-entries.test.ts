/** Entries that are not what they are called: no filter that was made of their names may leave them out. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import rolldownOtel from 'unplugin-otel/rolldown'
import rollupOtel from 'unplugin-otel/rollup'
import viteOtel from 'unplugin-otel/vite'
import { expect, onTestFinished, test, vi } from 'vitest'
import { bundlers } from './build-cost/bundlers.ts'

const OTEL = { vite: viteOtel, rollup: rollupOtel, rolldown: rolldownOtel }
const HANDLER = 'export const handler = async () => 1\n'

type Name = keyof typeof OTEL

function createFolder(): string {
  const cache = path.resolve(import.meta.dirname, '../.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'known-entries-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [file, code] of Object.entries({
    'package.json': '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }',
    'src/index.js': 'export const table = {}\n',
    'lib/real.js': HANDLER,
  })) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), code)
  }
  return folder
}

/** @returns what is in the place of the entry `src/index.js` */
async function build(name: Name, root: string, entry: string, others: readonly object[]): Promise<string> {
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
  onTestFinished(() => void cwd.mockRestore())
  const outdir = path.join(root, 'dist')
  const plugins = [OTEL[name]({ enabled: true, report: false }), ...others]
  await (
    await bundlers[name]!()
  )({ root, entries: { index: entry }, outdir, plugins })
  return readFileSync(path.join(outdir, name === 'vite' ? 'index.js' : 'index.mjs'), 'utf8')
}

test.each(Object.keys(OTEL) as Name[])('%s: a plugin leads an entry to another file', async (name) => {
  const root = createFolder()
  const entry = path.join(root, 'src/index.js')
  const elsewhere = {
    name: 'elsewhere',
    // Vite's own comes first otherwise.
    enforce: 'pre',
    resolveId: (id: string) => (id === entry ? path.join(root, 'lib/real.js') : undefined),
  }
  expect(await build(name, root, entry, [elsewhere])).toMatch(/file"?: ?"lib\/real\.js"/)
})

test.each(Object.keys(OTEL) as Name[])('%s: a plugin names another entry', async (name) => {
  const root = createFolder()
  const renaming = {
    name: 'renaming',
    options: (input: object) => ({ ...input, input: { index: path.join(root, 'lib/real.js') } }),
  }
  expect(await build(name, root, path.join(root, 'src/index.js'), [renaming])).toMatch(/file"?: ?"lib\/real\.js"/)
})

test.each(Object.keys(OTEL) as Name[])('%s: an entry in a folder that is a link', async (name) => {
  const root = createFolder()
  symlinkSync('lib', path.join(root, 'linked'))
  expect(await build(name, root, path.join(root, 'linked/real.js'), [])).toMatch(/file"?: ?"linked\/real\.js"/)
})

test.each(Object.keys(OTEL) as Name[])('%s: builds that run side by side, with one instance', async (name) => {
  const root = createFolder()
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
  onTestFinished(() => void cwd.mockRestore())
  for (const entry of ['a', 'b']) writeFileSync(path.join(root, `src/${entry}.js`), HANDLER)
  const plugins = [OTEL[name]({ enabled: true, report: false, strict: true })]
  const bundler = await bundlers[name]!()
  const build = async (entry: string) => {
    const outdir = path.join(root, 'dist', entry)
    await bundler({ root, entries: { [entry]: path.join(root, `src/${entry}.js`) }, outdir, plugins })
    return readFileSync(path.join(outdir, name === 'vite' ? `${entry}.js` : `${entry}.mjs`), 'utf8')
  }
  const codes = await Promise.all(['a', 'b'].map(build))
  expect(codes.map((code) => code.match(/file"?: ?"(.*?)"/)?.[1])).toEqual(['src/a.js', 'src/b.js'])
})
