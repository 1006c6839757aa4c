import { expect, test } from 'vitest'
import { callerOf } from './api-caller.ts'
import { createExtensionsApi } from './extensions-api.ts'
import { createJournal } from './journal.ts'
import type { ExtensionsApiOptions } from './extensions-api.ts'

const EXTENSION = '2020-01-01/extension'

test('Extensions API: registration', async () => {
  const { call, register } = await serveExtensions()
  const ok = await register('mine')
  expect(ok.status).toBe(200)
  expect(JSON.parse(ok.text)).toEqual({
    functionName: 'f',
    functionVersion: '1',
    handler: 'index.handler',
  })
  expect(ok.headers.get('lambda-extension-identifier')).toMatch(/^[\da-f-]{36}$/)
  const headers = {
    'Lambda-Extension-Name': 'account',
    'Lambda-Extension-Accept-Feature': 'accountId',
  }
  expect((await call('POST', `${EXTENSION}/register`, headers, '{}')).text).toContain('accountId')

  const refusals: [name: string, body: unknown, errorType: string][] = [
    ['', {}, 'Extension.InvalidExtensionName'],
    ['mine', {}, 'Extension.InvalidExtensionState'],
    ['other', { events: ['SHUTDOWN'] }, 'Extension.InvalidEventType'],
    ['external', { events: ['NOTHING'] }, 'Extension.InvalidEventType'],
    ['other', { events: [], configurationKeys: [] }, 'InvalidRequestFormat'],
    ['other', { events: 'INVOKE' }, 'InvalidRequestFormat'],
  ]
  for (const [name, body, errorType] of refusals) {
    expect(await register(name, body)).toMatchObject({ status: 403, errorType })
  }
  const badJson = await call('POST', `${EXTENSION}/register`, { 'Lambda-Extension-Name': 'x' }, '{')
  expect(badJson).toMatchObject({ status: 403, errorType: 'InvalidRequestFormat' })
  expect(await register('external', { events: ['INVOKE', 'SHUTDOWN'] })).toMatchObject({
    status: 200,
  })
  for (let n = 3; n < 10; n++) expect(await register(`n${n}`)).toMatchObject({ status: 200 })
  expect(await register('eleventh')).toMatchObject({ errorType: 'Extension.TooManyExtensions' })
})

test('Extensions API: registration closed, and refused for internal extensions only', async () => {
  const closed = await serveExtensions()
  closed.api.closeRegistration()
  expect(await closed.register('late')).toMatchObject({
    status: 403,
    errorType: 'Extension.RegistrationClosed',
  })
  const refusing = await serveExtensions({ registration: 'refuse' })
  expect(await refusing.register('mine')).toMatchObject({
    errorType: 'Extension.TooManyExtensions',
  })
  expect(await refusing.register('external')).toMatchObject({ status: 200 })
})

test('Extensions API: event/next', async () => {
  const { api, call, next, idOf } = await serveExtensions()
  const noId = await call('GET', `${EXTENSION}/event/next`)
  expect(noId).toMatchObject({ status: 403, errorType: 'Extension.MissingExtensionIdentifier' })
  expect(await next('x')).toMatchObject({ errorType: 'Extension.InvalidExtensionIdentifier' })
  expect(await next(crypto.randomUUID())).toMatchObject({
    status: 403,
    errorType: 'Extension.UnknownExtensionIdentifier',
  })

  const id = await idOf('mine')
  const silent = await idOf('silent', { events: [] })
  expect(api.everyInvokeAgentWaits()).toBe(false)
  const waiting = next(id)
  await expect.poll(() => api.everyInvokeAgentWaits()).toBe(true)
  expect(api.everyAgentWaits()).toBe(false)
  expect(await next(id)).toMatchObject({ errorType: 'Extension.InvalidExtensionState' })
  api.publish({ eventType: 'INVOKE', requestId: 'r' })
  const event = await waiting
  expect(event).toMatchObject({ status: 200, text: '{"eventType":"INVOKE","requestId":"r"}' })
  expect(event.headers.get('lambda-extension-event-identifier')).toMatch(/^[\da-f-]{36}$/)
  expect(api.everyInvokeAgentWaits()).toBe(false)
  void next(silent).catch(() => {})
  void next(id).catch(() => {})
  await expect.poll(() => api.everyAgentWaits()).toBe(true)
})

test('Extensions API: SHUTDOWN waits for an external agent that is busy; errors; telemetry', async () => {
  const errors: string[] = []
  const { api, call, next, idOf } = await serveExtensions({
    onAgentError: (agent, errorType) => errors.push(`${agent.name} ${errorType}`),
  })
  const id = await idOf('external', { events: ['SHUTDOWN'] })
  expect(api.everyInvokeAgentWaits()).toBe(true)
  api.publish({ eventType: 'SHUTDOWN', shutdownReason: 'spindown' })
  expect((await next(id)).text).toContain('spindown')
  const headers = {
    'Lambda-Extension-Identifier': id,
    'Lambda-Extension-Function-Error-Type': 'X.Y',
  }
  expect(await call('POST', `${EXTENSION}/exit/error`, headers, '{}')).toMatchObject({
    status: 202,
  })
  expect(await call('POST', `${EXTENSION}/init/error`, {}, '{}')).toMatchObject({ status: 403 })
  expect(errors).toEqual(['external X.Y'])
  expect(await call('PUT', '2022-07-01/telemetry', {}, '{}')).toMatchObject({ status: 202 })
})
async function serveExtensions(options: Partial<ExtensionsApiOptions> = {}) {
  const api = createExtensionsApi({
    journal: createJournal(),
    externalNames: ['external'],
    registration: 'allow',
    identity: { functionName: 'f', functionVersion: '1', handler: 'index.handler' },
    onChange() {},
    onAgentError() {},
    ...options,
  })
  const call = await callerOf(api.routes)
  const register = (name: string, body: unknown = { events: ['INVOKE'] }) =>
    call('POST', `${EXTENSION}/register`, { 'Lambda-Extension-Name': name }, JSON.stringify(body))
  const next = (id: string) => call('GET', `${EXTENSION}/event/next`, { 'Lambda-Extension-Identifier': id })
  const idOf = async (name: string, body?: unknown) =>
    (await register(name, body)).headers.get('lambda-extension-identifier')!
  return { api, call, register, next, idOf }
}
