import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startFunction } from './function-folder.ts'
import { createJournal } from './journal.ts'

test('freeze: a timer due after the response fires after the thaw only', async () => {
  const journal = createJournal()
  const lambda = await startFunction(
    `export const handler = async () => {
      setTimeout(() => console.log('timer fired'), 50);
    }`,
    { journal },
  )
  const first = await lambda.invoke({})
  await first.finished
  expect(lambda.state).toBe('frozen')
  expect(first.busyMs).toBeGreaterThan(0)
  await sleep(300)
  expect(lambda.output).not.toContain('timer fired')
  await (
    await lambda.invoke({})
  ).finished
  await expect.poll(() => lambda.output).toContain('timer fired')
  const types = journal.entries.map((entry) => entry.type)
  expect(types.slice(0, 4)).toEqual(['spawn', 'runtime-next', 'registration-closed', 'init-done'])
  const invocation = ['response-first-byte', 'response-last-byte', 'runtime-next', 'invoke-finished']
  expect(types.slice(4, 11)).toEqual(['invoke-released', ...invocation, 'freeze', 'thaw'])
})

test('freeze does not wait for a busy event loop', async () => {
  const lambda = await startFunction(
    `const burn = () => { for (const end = Date.now() + 200; Date.now() < end; ); };
    export const handler = async () => { setImmediate(() => setImmediate(burn)); };`,
  )
  await (
    await lambda.invoke({})
  ).finished // the first one runs cold code
  const second = await lambda.invoke({})
  await second.finished
  expect(second.busyMs).toBeLessThan(100)
})

test('without freeze the timer fires', async () => {
  const lambda = await startFunction(
    `export const handler = async () => { setTimeout(() => console.log('timer fired'), 50); }`,
    { freeze: false },
  )
  await (
    await lambda.invoke({})
  ).finished
  expect(lambda.state).toBe('ready')
  await expect.poll(() => lambda.output).toContain('timer fired')
})

test('provisioned concurrency is frozen after init already', async () => {
  const lambda = await startFunction(`export const handler = async () => 1`, {
    initializationType: 'provisioned-concurrency',
  })
  expect(lambda.state).toBe('frozen')
  expect((await lambda.invoke({})).json()).toBe(1)
})

test('timeout: error for the caller, reset, cold start again', async () => {
  const journal = createJournal()
  const lambda = await startFunction(
    `export const handler = (ms) => new Promise((resolve) => setTimeout(resolve, ms, ms));`,
    { journal, timeoutMs: 300 },
  )
  const { pid } = lambda
  const late = await lambda.invoke(5000)
  expect(late).toMatchObject({ ok: false, timedOut: true })
  expect(late.error!.errorMessage).toBe(`${late.requestId} Task timed out after 0.30 seconds`)
  await late.finished
  expect(lambda.state).toBe('dead')
  expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  const again = await lambda.invoke(1)
  expect(again).toMatchObject({ ok: true, cold: true })
  expect(lambda.pid).not.toBe(pid)
  expect(journal.of('reset')).toMatchObject([{ reason: 'timeout' }])
  expect(journal.of('exit')).toMatchObject([{ signal: 'SIGKILL' }])
})

test('the process dies during an invocation', async () => {
  const lambda = await startFunction(`export const handler = async (die) => {
    if (die) process.exit(3);
    return 'alive';
  }`)
  const died = await lambda.invoke(true)
  expect(died.error).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: 'Runtime exited with error: exit status 3',
  })
  expect(await lambda.invoke(false)).toMatchObject({ ok: true, cold: true, text: '"alive"' })
})

test('the process dies in the middle of a streamed response', async () => {
  const lambda = await startFunction(`export const handler = awslambda.streamifyResponse(async (event, stream) => {
    stream.write('half');
    await new Promise((resolve) => setTimeout(resolve, 30));
    process.exit(4);
  })`)
  const died = await lambda.invoke({})
  expect(died).toMatchObject({ ok: false, text: 'half', error: { errorType: 'Runtime.ExitError' } })
})

test('a handler that waits on nothing but an unref socket ends its process, as with the native client', async () => {
  const lambda = await startFunction(
    `export const handler = (event) => new Promise((resolve) => setTimeout(resolve, 50).unref());`,
  )
  expect((await lambda.invoke({})).error!.errorMessage).toContain('exit status 0')
})

test('stop: SIGKILL without an agent, and no process is left', async () => {
  const journal = createJournal()
  const lambda = await startFunction(
    `import { spawn } from 'node:child_process';
    process.on('SIGTERM', () => console.log('got SIGTERM'));
    export const handler = async () => spawn('sleep', ['60'], { stdio: 'ignore' }).pid;`,
    { journal },
  )
  const child = (await lambda.invoke({})).json()
  await lambda.stop()
  expect(lambda.output).not.toContain('got SIGTERM')
  expect(journal.of('sigterm')).toEqual([])
  expect(() => process.kill(lambda.pid, 0)).toThrow('ESRCH')
  await expect.poll(() => isRunning(child)).toBe(false)
  await expect(lambda.invoke({})).rejects.toThrow('stopped')
})

/** An orphan may stay as a zombie where process 1 does not reap: it has ended all the same. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
