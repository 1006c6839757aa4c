/** What is said of each host is what it does. */
import { afterEach, expect, test, vi } from 'vitest'
import { host as awsLambda } from '../../src/runtime/hosts/aws-lambda.ts'
import { host as azure } from '../../src/runtime/hosts/azure.ts'
import { host as googleCloud } from '../../src/runtime/hosts/google-cloud.ts'
import { host as netlify } from '../../src/runtime/hosts/netlify.ts'
import { host as nextEdge } from '../../src/runtime/hosts/next-edge.ts'
import { host as nextServer } from '../../src/runtime/hosts/next-server.ts'
import { host as server } from '../../src/runtime/hosts/server.ts'
import { host as workerd } from '../../src/runtime/hosts/workerd.ts'
import type { Tracing } from '../../src/runtime/provider.ts'
import { slot } from '../../src/runtime/slot.ts'
import type { Call, Host, Invocation, KeepAlive, Target } from '../../src/contract.ts'
import { findFlushPrimitive } from '../../src/plugin/flush-primitives.ts'
import { platforms } from '../../src/plugin/known-platforms.ts'

const MODES = ['auto', 'await', 'interval'] as const

afterEach(() => {
  vi.unstubAllEnvs()
  slot.extension = undefined
  slot.tracing = undefined
  for (const signal of ['SIGTERM', 'SIGINT']) process.removeAllListeners(signal)
})

/** What the platform gives each of its handlers. */
const CALLS: Readonly<Record<string, { host: Host; args: readonly unknown[]; env?: Record<string, string> }>> = {
  'aws-lambda': {
    host: awsLambda,
    args: [{}, { awsRequestId: '1', getRemainingTimeInMillis: () => 1000 }],
    env: { AWS_LAMBDA_RUNTIME_API: '127.0.0.1:9001' },
  },
  azure: { host: azure, args: [{}, {}] },
  'google-cloud': { host: googleCloud, args: [{}, {}] },
  netlify: { host: netlify, args: [{}, { waitUntil: () => {} }] },
  'next-edge': { host: nextEdge, args: [{}, { waitUntil: () => {} }] },
  'next-server': { host: nextServer, args: [{}, { waitUntil: () => {} }] },
  server: { host: server, args: [{}, {}] },
  workerd: { host: workerd, args: [{ url: 'https://a.b' }, {}, { waitUntil: () => {}, passThroughOnException() {} }] },
}

function keepAliveOf(name: string, mode: (typeof MODES)[number], isRegistered: boolean): KeepAlive {
  const { host, args, env = {} } = CALLS[name]!
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value)
  slot.extension = isRegistered ? ({ hold: () => true } as never) : undefined
  slot.tracing = { flush: { budgetMs: 1000, marginMs: 500, mode } } as Tracing
  const call: Call = { self: undefined, args, arity: args.length, meta: { file: 'a.ts', name: 'a', line: 1 } }
  const exporting = { endpoint: new URL('https://collector.example'), mode }
  return host.keepAlive(call, Promise.resolve(), exporting, { background() {} } as unknown as Invocation)
}

test.each(Object.keys(CALLS).flatMap((name) => MODES.map((mode) => [name, mode] as const)))('%s, %s', (name, mode) => {
  const target: Target = name === 'workerd' || name === 'next-edge' ? 'edge' : 'node'
  const said = (register: 'awaited' | false) => findFlushPrimitive(name, { mode, target, register })?.when
  expect(said('awaited')).toBe(keepAliveOf(name, mode, true))
  expect(said(false)).toBe(keepAliveOf(name, mode, false))
})

test('every host of the platforms is known', () => {
  const hosts = platforms.flatMap((platform) => Object.values(platform.hosts))
  expect(Object.keys(CALLS)).toEqual(expect.arrayContaining(hosts))
})
