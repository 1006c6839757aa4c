/** `unplugin-otel dev` as it is installed: signals, exit codes, and a reader that has enough. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { oneSpan, send } from './cli/send.ts'

const bin = path.resolve(import.meta.dirname, '../dist/cli/index.js')

function start(...args: string[]) {
  const child = spawn(process.execPath, [bin, 'dev', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const printed = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (printed[name] += chunk))
  const listening = async () => {
    await expect.poll(() => printed.stdout, { timeout: 5000 }).toContain('listening on')
    return /http:\/\/127\.0\.0\.1:\d+/.exec(printed.stdout)![0]
  }
  return { child, printed, listening, exit: once(child, 'close') }
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s prints what is waiting and ends with 0', async (signal) => {
  const { child, printed, listening, exit } = start('--port', '0')
  await send(`${await listening()}/v1/traces`, oneSpan({ name: 'waiting' }))
  child.kill(signal)
  expect(await exit).toEqual([0, null])
  expect(printed.stdout).toMatch(/\ntrace a{32} .*\nwaiting .*0\.0 ms\n$/)
  expect(printed.stderr).toBe('')
})

test('a reader that has enough ends it quietly', async () => {
  const { child, printed, listening, exit } = start('--port', '0')
  const url = `${await listening()}/v1/traces`
  child.stdout.destroy()
  await send(url, oneSpan())
  expect(await exit).toEqual([0, null])
  expect(printed.stderr).toBe('')
})

test('exit codes: 1 for a taken port, 2 for a wrong command line', async () => {
  const { listening } = start('--port', '0')
  const { port } = new URL(await listening())
  const taken = start('--port', port)
  expect(await taken.exit).toEqual([1, null])
  expect(taken.printed.stderr).toBe(
    `[unplugin-otel] port ${port} is taken by another program\nChoose another port, for example: unplugin-otel dev --port 0\n`,
  )
  for (const args of [
    ['--prot', '1'],
    ['--port', 'x'],
  ])
    expect(await start(...args).exit).toEqual([2, null])
})
