import { expect, test } from 'vitest'
import { callerOf } from './api-caller.ts'
import { createInvocation } from './invocation.ts'
import { createJournal } from './journal.ts'
import { createRuntimeApi } from './runtime-api.ts'
import type { InvokeError } from './invocation.ts'

const RUNTIME = '2018-06-01/runtime'

test('Runtime API: the whole circle, and what is refused in each state', async () => {
  const { api, call, initErrors } = await serveRuntime()
  const refused = { status: 403, errorType: 'InvalidStateTransition' }
  expect(await call('GET', '2018-06-01/ping')).toMatchObject({ status: 200, text: 'pong' })
  expect(await call('GET', 'nothing')).toMatchObject({ status: 404 })
  expect(await call('POST', `${RUNTIME}/invocation/x/response`, {}, '1')).toMatchObject(refused)
  expect(await call('POST', `${RUNTIME}/invocation/x/error`, {}, '{}')).toMatchObject(refused)
  const error = { errorType: 'E', errorMessage: 'm' }
  expect(await call('POST', `${RUNTIME}/init/error`, {}, JSON.stringify(error))).toMatchObject({
    status: 202,
  })
  expect(initErrors).toEqual([error])

  const asked = call('GET', `${RUNTIME}/invocation/next`)
  await expect.poll(() => api.state).toBe('ready')
  expect(await call('GET', `${RUNTIME}/invocation/next`)).toMatchObject(refused)
  expect(await call('POST', `${RUNTIME}/init/error`, {}, '{}')).toMatchObject(refused)

  const invocation = createInvocation({ a: 1 }, { traceHeader: 'Root=1', clientContext: { c: 1 } })
  api.release(invocation, 1234)
  const released = await asked
  expect(released).toMatchObject({ status: 200, text: '{"a":1}' })
  expect(Object.fromEntries(released.headers)).toMatchObject({
    'lambda-runtime-aws-request-id': invocation.requestId,
    'lambda-runtime-deadline-ms': '1234',
    'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:::function:f',
    'lambda-runtime-trace-id': 'Root=1',
    'lambda-runtime-client-context': '{"c":1}',
  })
  expect(await call('GET', `${RUNTIME}/invocation/next`)).toMatchObject(refused)

  const path = `${RUNTIME}/invocation/${invocation.requestId}/response`
  const wrongId = { status: 400, errorType: 'InvalidRequestID' }
  expect(await call('POST', `${RUNTIME}/invocation/x/response`, {}, '1')).toMatchObject(wrongId)
  const mode = { 'Lambda-Runtime-Function-Response-Mode': 'pigeon' }
  expect(await call('POST', path, mode, '1')).toMatchObject({
    errorType: 'InvalidFunctionResponseMode',
  })
  expect(await call('POST', path, {}, '"ok"')).toMatchObject({
    status: 202,
    text: '{"status":"OK"}',
  })
  expect((await invocation.answered).json()).toBe('ok')
  expect(api.state).toBe('response-sent')
  expect(await call('POST', path, {}, '1')).toMatchObject(wrongId)

  void call('GET', `${RUNTIME}/invocation/next`).catch(() => {})
  await expect.poll(() => api.state).toBe('ready')
})

test('an announced /next counts at once; an early one when the response is there', async () => {
  const { api, call } = await serveRuntime()
  api.announceNext()
  expect(api.state).toBe('ready')
  const arrived = api.nextArrived()
  const asked = call('GET', `${RUNTIME}/invocation/next`)
  await arrived
  const invocation = createInvocation(1)
  api.release(invocation, 0)
  await asked
  api.announceNext()
  expect(api.state).toBe('running')
  await call('POST', `${RUNTIME}/invocation/${invocation.requestId}/response`, {}, '2')
  expect(api.state).toBe('ready')
})

async function serveRuntime() {
  const initErrors: InvokeError[] = []
  const api = createRuntimeApi({
    journal: createJournal(),
    functionArn: 'arn:aws:lambda:::function:f',
    onNext() {},
    onInitError: (error) => initErrors.push(error),
  })
  return { api, initErrors, call: await callerOf(api.routes) }
}
