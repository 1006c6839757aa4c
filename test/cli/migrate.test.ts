/** The command, on a project in a folder of its own. */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'pathe'
import { expect, onTestFinished, test } from 'vitest'
import { migrate } from '../../src/cli/migrate.ts'

const TELEMETRY = `import { NodeSDK } from '@opentelemetry/sdk-node'
import { LangfuseSpanProcessor } from '@langfuse/otel'
export const processor = new LangfuseSpanProcessor()
new NodeSDK({ spanProcessors: [processor] }).start()
`
const CHAT = `import { processor } from './telemetry.js'

export const handler = async () => {
  const answer = await work()
  await processor.forceFlush()
  return answer
}
`
const MIGRATED = `import './telemetry.js'

export const handler = async () => {
  const answer = await work()
  return answer
}
`
const MANIFEST = '{ "devDependencies": { "unplugin-otel": "1" } }'

const DEPLOYED = `provider: { name: aws }
functions:
  chat: { handler: src/chat.handler }
  moved: { handler: chat.handler }
`

function createFolder(files: Record<string, string | Uint8Array>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'migrate-')))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries({ 'package.json': MANIFEST, 'serverless.yml': DEPLOYED, ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

async function run(folder: string, ...args: string[]) {
  const printed = { stdout: '', stderr: '' }
  await migrate(args, {
    stdout: { write: (text) => (printed.stdout += text) },
    stderr: { write: (text) => (printed.stderr += text) },
    folder,
    env: {},
  })
  return printed
}

test('without --write it prints what git applies, and writes nothing', async () => {
  const folder = createFolder({ 'src/telemetry.ts': TELEMETRY, 'src/chat.ts': CHAT })
  const { stdout, stderr } = await run(folder)
  expect(stdout).toBe(`--- a/src/chat.ts
+++ b/src/chat.ts
@@ -1,7 +1,6 @@
-import { processor } from './telemetry.js'
+import './telemetry.js'
 
 export const handler = async () => {
   const answer = await work()
-  await processor.forceFlush()
   return answer
 }
`)
  expect(stderr).toBe('[unplugin-otel] nothing is written yet: 1 place in 1 file. Run it with --write.\n')
  expect(readFileSync(join(folder, 'src/chat.ts'), 'utf8')).toBe(CHAT)
  writeFileSync(join(folder, 'it.patch'), stdout)
  execFileSync('git', ['apply', 'it.patch'], { cwd: folder })
  expect(readFileSync(join(folder, 'src/chat.ts'), 'utf8')).toBe(MIGRATED)
})

test('with --write it changes those files, once, and no other', async () => {
  const folder = createFolder({ 'src/telemetry.ts': TELEMETRY, 'src/chat.ts': CHAT })
  chmodSync(join(folder, 'src/chat.ts'), 0o755)
  const { ino, mtimeMs } = statSync(join(folder, 'src/telemetry.ts'))
  expect(await run(folder, '--write')).toEqual({ stdout: '', stderr: '[unplugin-otel] taken out: 1 place in 1 file\n' })
  expect(readFileSync(join(folder, 'src/chat.ts'), 'utf8')).toBe(MIGRATED)
  expect(statSync(join(folder, 'src/chat.ts')).mode & 0o777).toBe(0o755)
  expect(statSync(join(folder, 'src/telemetry.ts'))).toMatchObject({ ino, mtimeMs })
  expect(readdirSync(join(folder, 'src')).toSorted()).toEqual(['chat.ts', 'telemetry.ts'])
  expect((await run(folder, '--write')).stderr).toBe('[unplugin-otel] nothing to take out\n')
})

test('a byte order mark and line ends of Windows stay', async () => {
  const windows = (text: string) => `\uFEFF${text.replaceAll('\n', '\r\n')}`
  const folder = createFolder({ 'telemetry.ts': windows(TELEMETRY), 'chat.ts': windows(CHAT) })
  await run(folder, '--write')
  expect(readFileSync(join(folder, 'chat.ts'), 'utf8')).toBe(windows(MIGRATED))
})

test('what a link leads to is written, and the link stays', async () => {
  const folder = createFolder({ 'telemetry.ts': TELEMETRY, 'chat.ts': CHAT })
  symlinkSync(join(folder, 'chat.ts'), join(folder, 'linked.ts'))
  expect((await run(folder)).stdout.match(/^---/gm)).toHaveLength(1)
  await run(folder, '--write', '--all', 'linked.ts')
  expect(readFileSync(join(folder, 'chat.ts'), 'utf8')).toBe(MIGRATED)
  expect(lstatSync(join(folder, 'linked.ts')).isSymbolicLink()).toBe(true)
})

test('what is built, installed, ignored or a test is not looked at, unless it is named', async () => {
  const places = ['node_modules/a', 'dist', '.next/server', 'generated', 'packages/a/dist', 'src/__tests__']
  const files = Object.fromEntries(places.map((place) => [`${place}/chat.ts`, CHAT]))
  const folder = createFolder({
    ...files,
    ...Object.fromEntries(places.map((place) => [`${place}/telemetry.ts`, TELEMETRY])),
    'src/chat.test.ts': CHAT,
    'src/chat.d.ts': CHAT,
    'src/telemetry.ts': TELEMETRY,
    '.gitignore': '# made\n/generated/\n*.log\n',
  })
  expect(await run(folder)).toEqual({ stdout: '', stderr: '[unplugin-otel] nothing to take out\n' })
  expect((await run(folder, '--all', 'generated/chat.ts')).stdout).toContain('+++ b/generated/chat.ts')
})

test('what stays is named with its reason', async () => {
  const folder = createFolder({
    'a.ts': `import { wrapOpenAI } from 'braintrust'\nexport const client = wrapOpenAI(new OpenAI())\n`,
    'script.ts': `${TELEMETRY.replace('export ', '')}async function main() {\n  await processor.forceFlush()\n}\n`,
  })
  const { stdout, stderr } = await run(folder)
  expect(stdout).toBe('')
  expect(stderr).toBe(
    'left a.ts:2:23 wrapOpenAI(new OpenAI()): harmless to leave; Braintrust traces these calls by it, unplugin-otel does not trace them yet. Keep it while you read them in Braintrust.\n' +
      'left script.ts:6:3 await processor.forceFlush(): harmless to leave; spans leave with the invocation of a wrapped handler. Remove it if nothing else calls this: npx unplugin-otel migrate --all\n' +
      '[unplugin-otel] nothing to take out\n',
  )
})

const JOB = `import { trace } from '@opentelemetry/api'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
const provider = new NodeTracerProvider()
trace.setGlobalTracerProvider(provider)
export async function run() {
  trace.getTracer('x').startSpan('nightly').end()
  await provider.forceFlush()
}
`

test('a flush that a script runs, too, stays', async () => {
  const files = { 'src/chat.ts': `import { run } from './job.js'\nexport const handler = run\n`, 'src/job.js': JOB }
  expect((await run(createFolder(files))).stderr).toContain('1 place in 1 file')
  const folder = createFolder({ ...files, 'src/bin.js': `import { run } from './job.js'\nawait run()\n` })
  expect(await run(folder, '--write')).toEqual({
    stdout: '',
    stderr:
      'left src/job.js:7:3 await provider.forceFlush(): harmless to leave; spans leave with the invocation of a wrapped handler. Remove it if nothing else calls this: npx unplugin-otel migrate --all\n' +
      '[unplugin-otel] nothing to take out\n',
  })
  expect(readFileSync(join(folder, 'src/job.js'), 'utf8')).toBe(JOB)
})

test('each package of a repository has handlers of its own; a script beside them is of none', async () => {
  const one = { 'a/src/chat.ts': CHAT, 'a/src/telemetry.ts': TELEMETRY, 'a/serverless.yml': DEPLOYED }
  const other = { 'b/src/chat.ts': CHAT, 'b/src/telemetry.ts': TELEMETRY, 'b/package.json': MANIFEST }
  const diff = async (more = {}) => (await run(createFolder({ ...one, ...other, ...more }))).stdout.match(/^\+\+\+.*/gm)
  expect(await diff()).toEqual(['+++ b/a/src/chat.ts'])
  expect(await diff({ 'scripts/seed.ts': `import { handler } from '../a/src/chat'` })).toBeNull()
})

test('where no handler is known, nothing is certain', async () => {
  const files = { 'src/chat.ts': CHAT, 'src/telemetry.ts': TELEMETRY, 'serverless.yml': '' }
  expect((await run(createFolder(files))).stdout).toBe('')
  expect((await run(createFolder(files), '--all')).stdout).toContain('+++ b/src/chat.ts')
})

test('a file that is not UTF-8 stays as it is', async () => {
  const bytes = Buffer.concat([
    Buffer.from(TELEMETRY + CHAT.replace(/.*telemetry.*\n/, '')),
    Buffer.from([0x2f, 0x2f, 0xe9, 0x0a]),
  ])
  const folder = createFolder({ 'chat.ts': bytes })
  expect((await run(folder, '--write')).stderr).toBe(
    'left chat.ts:8:3 await processor.forceFlush(): the file is not in UTF-8. Convert it.\n[unplugin-otel] nothing to take out\n',
  )
  expect(readFileSync(join(folder, 'chat.ts'))).toEqual(bytes)
})

test('what cannot be parsed is named', async () => {
  const folder = createFolder({ 'chat.ts': `${CHAT}}`, 'other.ts': '}' })
  expect((await run(folder)).stderr).toBe('left chat.ts: it cannot be parsed\n[unplugin-otel] nothing to take out\n')
})

test('without the plugin nothing is obsolete, and that is said', async () => {
  const folder = createFolder({ 'telemetry.ts': TELEMETRY, 'chat.ts': CHAT, 'package.json': '{}' })
  expect((await run(folder)).stderr).toContain(
    '\n[unplugin-otel] unplugin-otel is not in package.json: these are obsolete only in a build with its plugin.\n',
  )
})

test('a wrong command line', async () => {
  const folder = createFolder({})
  await expect(run(folder, 'nope.ts')).rejects.toThrow(
    `[unplugin-otel] 'nope.ts' is not a file\nName modules of your project, or none to look through all of them.`,
  )
  await expect(run(folder, '--wirte')).rejects.toThrow(
    `[unplugin-otel] unknown option 'wirte'\nDid you mean '--write'?`,
  )
  await expect(run(folder, '--write=no')).rejects.toThrow(`--write takes no value, it is 'no'`)
  expect((await run(folder, '--help')).stdout).toMatch(/^Usage: unplugin-otel migrate [^]*--write[^]*--all/)
})
