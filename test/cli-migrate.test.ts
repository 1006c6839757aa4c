/** `unplugin-otel migrate` as it is installed: exit codes, and a reader that has enough. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const bin = path.resolve(import.meta.dirname, '../dist/cli/index.js')

const CODE = `import { trace } from '@opentelemetry/api'
export const handler = async () => {
  await trace.getTracerProvider().forceFlush()
  return 1
}
`

function createFolder(code: string) {
  const cwd = mkdtempSync(path.join(tmpdir(), 'cli-migrate-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  writeFileSync(path.join(cwd, 'package.json'), '{ "dependencies": { "unplugin-otel": "1" } }')
  writeFileSync(
    path.join(cwd, 'serverless.yml'),
    'functions: { chat: { handler: chat.handler } }\nprovider: { name: aws }\n',
  )
  writeFileSync(path.join(cwd, 'chat.ts'), code)
  const run = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'migrate', ...args], { cwd, encoding: 'utf8' })
    return { status, stdout, stderr }
  }
  return { cwd, run, read: () => readFileSync(path.join(cwd, 'chat.ts'), 'utf8') }
}

test('prints, then writes', () => {
  const { run, read } = createFolder(CODE)
  const { status, stdout, stderr } = run()
  expect(status).toBe(0)
  expect(stdout).toContain('\n-  await trace.getTracerProvider().forceFlush()\n')
  expect(stderr).toBe('[unplugin-otel] nothing is written yet: 1 place in 1 file. Run it with --write.\n')
  expect(read()).toBe(CODE)
  expect(run('--write')).toEqual({ status: 0, stdout: '', stderr: '[unplugin-otel] taken out: 1 place in 1 file\n' })
  expect(read()).toBe('export const handler = async () => {\n  return 1\n}\n')
})

test('exit codes: 1 for a file that is none, 2 for a wrong command line', () => {
  const { run } = createFolder(CODE)
  expect(run('none.ts')).toMatchObject({ status: 1, stdout: '' })
  expect(run('--wirte')).toMatchObject({ status: 2, stdout: '' })
})

test('a reader that has enough ends it quietly', () => {
  const { cwd } = createFolder(CODE.replace('  return', `${'  work()\n'.repeat(3)}  return`))
  const files = Array.from({ length: 300 }, (_, n) => path.join(cwd, `chat-${n}.ts`))
  for (const file of files) writeFileSync(file, `${CODE}// ${'x'.repeat(1000)}\n`)
  const command = `set -o pipefail; "${process.execPath}" "${bin}" migrate --all | head -n 1`
  const { status, stdout, stderr } = spawnSync('bash', ['-c', command], { cwd, encoding: 'utf8' })
  expect(stdout).toBe('--- a/chat-0.ts\n')
  expect(stderr).toMatch(/^\[unplugin-otel\] nothing is written yet: 301 places in 301 files/)
  expect(status).toBe(0)
})
