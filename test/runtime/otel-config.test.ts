/** What `otel.config.ts` is given, and what becomes of what it gives. */
import { beforeEach, expect, test, vi } from 'vitest'
import type { Call } from '../../src/contract.ts'
import { fromCookie, fromHeader, fromJwtClaim } from '../../src/runtime/define-config.ts'
import { toIncoming } from '../../src/runtime/incoming.ts'
import { slot } from '../../src/runtime/slot.ts'
import { attempt, createWait, listOf } from '../../src/runtime/user-functions.ts'

const meta = { file: 'src/a.ts', name: 'handler', line: 1 }
const incoming = (...args: unknown[]) => toIncoming({ self: undefined, args, arity: 1, meta } as Call, 'aws-lambda')
const token = `Bearer x.${Buffer.from(JSON.stringify({ sub: 'größer', n: 7, list: [1] })).toString('base64url')}.y`
const headers = { 'X-User': 'u_7', COOKIE: 'a=1; sid="s%207"', Authorization: token }

beforeEach(() => slot.warned.clear())

test.each<[string, unknown[]]>([
  ['a Request', [new Request('http://a/', { headers })]],
  ['a Pages context', [{ request: new Request('http://a/', { headers }), env: {} }]],
  ["Node's request", [{ headers: Object.fromEntries(new Headers(headers)), method: 'GET' }, {}]],
  ['API Gateway 1.0', [{ httpMethod: 'GET', headers, multiValueHeaders: {} }]],
  ['API Gateway 2.0', [{ version: '2.0', headers: { ...headers, COOKIE: undefined }, cookies: ['a=1', 'sid=s%207'] }]],
  [
    'a load balancer',
    [{ headers: null, multiValueHeaders: { 'x-user': ['u_7'], cookie: ['a=1; sid=s%207'], authorization: [token] } }],
  ],
  ["Azure's older functions", [{ bindings: {} }, { headers }]],
])('who %s is for', (_, args) => {
  const call = incoming(...args)
  expect(fromHeader('x-uSer')(call)).toBe('u_7')
  expect([fromCookie('sid')(call), fromCookie('id')(call)]).toEqual(['s 7', undefined])
  expect(['sub', 'n', 'list', 'none'].map((claim) => fromJwtClaim(claim)(call))).toEqual([
    'größer',
    '7',
    undefined,
    undefined,
  ])
})

test.each([
  [undefined],
  [null],
  ['text'],
  [{ Records: [] }],
  [{ headers: 'none' }],
  [{ headers: { authorization: 'Bearer a.%%.c' } }],
])('of %j nothing is known, and nothing throws', (event) => {
  const call = incoming(event)
  expect([fromHeader('x-user'), fromCookie('sid'), fromJwtClaim('sub')].map((source) => source(call))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('nothing of a request is read before it is asked for', () => {
  const read = vi.fn(() => ({}))
  const call = incoming({
    get headers() {
      return read()
    },
  })
  expect(read).not.toHaveBeenCalled()
  call.header('a')
  expect(read).toHaveBeenCalled()
})

test('what is not there is an empty list, whatever the module exports', () => {
  const odd = {
    get onStart(): never {
      throw new Error('a getter')
    },
  }
  for (const config of [undefined, null, 1, {}, { onStart: null }, odd])
    expect(listOf(config as never, 'onStart')).toEqual([])
})

test('each key is said once, and what hangs has less time from then on', async () => {
  const said: string[] = []
  const warn = vi.spyOn(console, 'warn').mockImplementation((text: string) => void said.push(text))
  for (let n = 0; n < 2; n++) {
    attempt('onStart', () => {
      throw new Error('a')
    })
    attempt('ignore', () => {
      // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error
      throw Object.create(null)
    })
  }
  const wait = createWait('exporters')
  expect([wait(1, 100), wait(undefined, 100), wait(Promise.reject(new Error('late')), 0)]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect(await wait(Promise.resolve('value'), 1000)).toBe('value')
  expect(await wait(new Promise(() => {}), 20)).toBeUndefined()
  const setTimeout = vi.spyOn(globalThis, 'setTimeout')
  expect(await wait(new Promise(() => {}), 100)).toBeUndefined()
  expect(setTimeout.mock.calls.map(([, ms]) => ms)).toContain(10)
  setTimeout.mockRestore()
  warn.mockRestore()
  expect(said.map((text) => /\] (\w+) of/.exec(text)![1])).toEqual(['onStart', 'ignore', 'exporters'])
})
