/** What is obsolete in a project, from its entries on. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'pathe'
import { expect, onTestFinished, test } from 'vitest'
import { obsoleteOf } from '../../src/plugin/obsolete/project.ts'
import { createProject } from './project-facts.ts'

function createFolder(files: Record<string, string>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'obsolete-')))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

const FLUSH = `export async function handler() {\n  await flush()\n}\n`
/** Each with its handler. */
const named = (paths: readonly string[], name = 'handler') => new Map(paths.map((path) => [path, new Set([name])]))
const ENTRY = `import { flush } from 'braintrust'\n`

test('the modules that an entry imports by a relative specifier, each once', () => {
  const root = createFolder({
    'src/app.ts': `import './a.js'\nimport { b } from "../lib/b"\nimport 'installed'\n${ENTRY}${FLUSH}`,
    'src/a.ts': `export * from './app'\nconst c = require('./c')\nawait import('./d')\n`,
    'src/c.cjs': '',
    'src/d/index.ts': ENTRY + FLUSH,
    'lib/b.tsx': `\uFEFF${ENTRY}${FLUSH}`,
    'src/unused.ts': ENTRY + FLUSH,
    'node_modules/installed/index.js': ENTRY + FLUSH,
    'src/e.ts': `import '../node_modules/installed/index.js'\n`,
  })
  const project = createProject({ root, dependencies: ['braintrust'] })
  const found = (...entries: string[]) => obsoleteOf(project, named(entries)).map(({ path, line }) => `${path}:${line}`)
  const expected = ['src/app.ts:6', 'lib/b.tsx:3', 'src/d/index.ts:3']
  expect(found(join(root, 'src/app.ts'))).toEqual(expected)
  expect(found('src/app.ts', 'src/a.ts')).toEqual(expected)
  expect(found('src/app', 'src/none', 'src/*.ts')).toEqual(expected)
  expect(found('src/e.ts')).toEqual([])
})

test('a client that is made in another module', () => {
  const root = createFolder({
    'src/app.ts': `import { client } from './telemetry'\nexport async function handler(db) {\n  await db.flush()\n  await client.flush()\n}\n`,
    'src/telemetry.ts': `import { zespan } from '@zespan/sdk'\nexport const client = zespan.getClient()\n`,
  })
  const project = createProject({ root, dependencies: ['@zespan/sdk'] })
  expect(obsoleteOf(project, named(['src/app.ts']))).toMatchObject([
    { path: 'src/app.ts', line: 4, column: 3, code: 'await client.flush()' },
  ])
})

test('a project that has none of the packages is not read', () => {
  const root = createFolder({ 'src/app.ts': ENTRY + FLUSH })
  expect(obsoleteOf(createProject({ root, dependencies: ['braintrust'] }), named(['src/app.ts']))).toHaveLength(1)
  expect(obsoleteOf(createProject({ root, dependencies: ['hono', 'openai'] }), named(['src/app.ts']))).toEqual([])
})

const SDK = `import { trace } from '@opentelemetry/api'\n`
const flushing = (name: string) =>
  `${SDK}export async function ${name}() {\n  await trace.getTracerProvider().forceFlush()\n}\n`

/** The modules whose flush nothing else needs. */
function certain(files: Record<string, string>, entries: readonly string[], ...dependencies: string[]): string[] {
  const root = createFolder(files)
  const project = createProject({ root, dependencies: ['@opentelemetry/api', ...dependencies] })
  const found = obsoleteOf(project, named(entries))
  expect(found.length).toBeGreaterThan(0)
  return found.filter(({ remedy }) => !remedy.includes('--all')).map(({ path }) => path)
}

test('Next runs more than what is wrapped', () => {
  const files = {
    'app/chat/route.ts': `import '../../lib/chat'\nimport '../../lib/both'\n${flushing('POST')}`,
    'app/chat/page.tsx': `import { render } from '../../lib/both'\n${flushing('Page')}`,
    'lib/chat.ts': flushing('chat'),
    'lib/both.ts': flushing('render'),
  }
  expect(certain(files, ['app/chat/route.ts'], 'next')).toEqual(['app/chat/route.ts', 'lib/chat.ts'])
})

const IMPORTED = {
  'src/handler.ts': `import { run } from './job.js'\n${flushing('handler')}`,
  'src/job.ts': `import './deep'\n${flushing('run')}`,
  'src/deep.ts': flushing('deep'),
}

test('what only entries import, of which nothing else is told', () => {
  const all = ['src/handler.ts', 'src/job.ts', 'src/deep.ts']
  expect(certain(IMPORTED, all.slice(0, 1))).toEqual(all)
  expect(certain({ ...IMPORTED, 'src/job.test.ts': `import './job'` }, all.slice(0, 1))).toEqual(all)
  expect(
    certain({ ...IMPORTED, 'build.mjs': `build({ entryPoints: ['./src/handler.ts'] })` }, all.slice(0, 1)),
  ).toEqual(all)
  expect(
    certain({ ...IMPORTED, 'src/other.ts': `import 'hono/job'\nimport './unknown'` }, all.slice(0, 1), 'hono'),
  ).toEqual(all)
})

test.each([
  ['a script', `import { run } from './job.js'\nawait run()`],
  ['a script, later', 'const { run } = await import(`./job.js`)'],
  ['a worker', `new Worker(new URL('./job.ts', import.meta.url))`],
  ['an alias', `import { run } from '@/job'`],
  ['an alias of TypeScript', `import { run } from 'src/job'`],
  ['the module of another', `export * from './more'`, { 'src/more.ts': `import './job'` }],
] as [string, string, Record<string, string>?][])(
  'what %s imports as well, and what that imports',
  (_, code, more: Record<string, string> = {}) => {
    expect(certain({ ...IMPORTED, ...more, 'src/bin.ts': code }, ['src/handler.ts'])).toEqual(['src/handler.ts'])
  },
)

test('an entry that others import, and a module that none does', () => {
  expect(certain({ ...IMPORTED, 'src/local.ts': `import { handler } from './handler'` }, ['src/handler.ts'])).toEqual(
    [],
  )
  const apart = { ...IMPORTED, 'src/handler.ts': flushing('handler') }
  const found = certain(apart, ['src/handler.ts'])
  expect(found).toEqual(['src/handler.ts'])
})
