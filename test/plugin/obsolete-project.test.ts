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
  const found = (...entries: string[]) => obsoleteOf(project, entries).map(({ path, line }) => `${path}:${line}`)
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
  expect(obsoleteOf(project, ['src/app.ts'])).toMatchObject([
    { path: 'src/app.ts', line: 4, column: 3, code: 'await client.flush()' },
  ])
})

test('a project that has none of the packages is not read', () => {
  const root = createFolder({ 'src/app.ts': ENTRY + FLUSH })
  expect(obsoleteOf(createProject({ root, dependencies: ['braintrust'] }), ['src/app.ts'])).toHaveLength(1)
  expect(obsoleteOf(createProject({ root, dependencies: ['hono', 'openai'] }), ['src/app.ts'])).toEqual([])
})

test('Next runs more than what is wrapped', () => {
  const flush = `import { trace } from '@opentelemetry/api'\nexport async function POST() {\n  await trace.getTracerProvider().forceFlush()\n}\n`
  const names = [
    'app/chat/route.ts',
    'app/chat/page.tsx',
    'app/actions.ts',
    'pages/api/chat.ts',
    'pages/chat.tsx',
    'proxy.ts',
  ]
  const root = createFolder(Object.fromEntries(names.map((name) => [name, flush])))
  const project = createProject({ root, dependencies: ['next', '@opentelemetry/api'] })
  const certain = obsoleteOf(project, names).filter(({ remedy }) => !remedy.includes('--all'))
  expect(certain.map(({ path }) => path)).toEqual(['app/chat/route.ts', 'pages/api/chat.ts', 'proxy.ts'])
})
