/** Which modules the options ask for, and with what. */
import { expect, test } from 'vitest'
import type { Target } from '../../src/contract.ts'
import { findFeatures } from '../../src/plugin/features.ts'
import type { PlatformId } from '../../src/plugin/known-platforms.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { toPattern } from '../../src/plugin/path-pattern.ts'
import * as platforms from '../../src/plugin/registry.ts'

const found = (options: Options, target: Target = 'node', platform: PlatformId = 'aws-lambda') =>
  findFeatures(resolveOptions({ libraries: false, ...options }), {
    target,
    platform: Object.values(platforms).find(({ id }) => id === platform)!,
  }).map(({ file, argument }) => [file, argument])

test('no option, no feature', () => {
  expect(found({})).toEqual([])
  expect(found({ ignore: [], captureHeaders: {}, responseHeader: false, trustIncoming: true })).toEqual([])
})

test('each has what its option says', () => {
  expect(found({ responseHeader: 'traceresponse' })).toEqual([['response-header', 'traceresponse']])
  expect(found({ captureHeaders: { request: ['X-Tenant'] } })).toEqual([
    ['captured-headers', { request: ['x-tenant'] }],
  ])
  expect(found({ trustIncoming: false })).toEqual([['incoming-links', undefined]])
  expect(found({ ignore: ['/health', '/a/**'] })).toEqual([['ignored', '^(?:/health)$|^(?:/a(?:/.*)?)$']])
})

test('calls of others are traced by what the target has, and by Next itself', () => {
  const files = (...given: Parameters<typeof found>) => found(...given).map(([file]) => file)
  expect(files({ libraries: 'auto' })).toEqual(['outgoing-node'])
  expect(files({ libraries: 'auto' }, 'edge', 'cloudflare')).toEqual(['outgoing-edge'])
  expect(files({ libraries: ['http'] }, 'edge', 'cloudflare')).toEqual([])
  expect(files({ libraries: 'auto' }, 'node', 'nextjs')).toEqual([])
  expect(found({ libraries: ['http'] })).toMatchObject([['outgoing-node', { libraries: ['http'] }]])
  expect(files({ libraries: ['aws-sdk'] }, 'edge', 'cloudflare')).toEqual([])
  expect(files({ libraries: ['aws-sdk'], propagateTo: { baggage: ['a'] } })).toEqual(['aws-sdk', 'baggage'])
  expect(found({ libraries: ['aws-sdk', 'http'] })).toMatchObject([
    ['outgoing-node', { libraries: ['http'] }],
    ['aws-sdk', {}],
  ])
  const propagateTo = { except: ['*.example.com'], baggage: ['api.example.com'] }
  const [[, argument], [, hosts]] = found({ libraries: ['fetch', 'http'], propagateTo }) as [unknown[], unknown[]]
  expect(argument).toEqual({ except: expect.any(String) })
  const isExcept = (host: string) => new RegExp((argument as { except: string }).except).test(host)
  const excepted = [
    'api.openai.com',
    'my.openai.azure.com',
    'bedrock-runtime.eu-west-1.amazonaws.com',
    'europe-west1-aiplatform.googleapis.com',
    'aiplatform.googleapis.com',
    'api.together.xyz',
    'a.b.example.com',
  ]
  expect(excepted.filter(isExcept)).toEqual(excepted)
  const other = [
    'example.com',
    'openai.com',
    'api.openai.com.evil.test',
    'apixopenai.com',
    'localhost',
    's3.amazonaws.com',
  ]
  expect(other.filter(isExcept)).toEqual([])
  expect(hosts).toBe('^(?:api\\.example\\.com)$')
})

test('what is ignored is left out before what sampling holds', () => {
  const names = found({ ignore: ['/health'], sampling: {}, debug: true }).map(([name]) => name)
  expect(names.indexOf('ignored')).toBeLessThan(names.indexOf('sampling'))
})

test.each<[pattern: string, same: string[], other: string[]]>([
  ['/health', ['/health'], ['/health/', '/healthz', '/a/health', '/HEALTH']],
  ['/health*', ['/health', '/healthz'], ['/health/live', '/a/health']],
  ['/internal/**', ['/internal', '/internal/', '/internal/a/b'], ['/internals', '/a/internal/b']],
  ['**/ping', ['/ping', '/a/b/ping'], ['/pingpong', '/shipping']],
  ['/a/*/c', ['/a/b/c', '/a//c'], ['/a/b/b/c']],
  ['/{live,ready}', ['/live', '/ready'], ['/{live,ready}', '/alive']],
  ['/v1.0/{id}/[name]?+', ['/v1.0/{id}/[name]?+'], ['/v1x0/{id}/[name]?+', '/v1.0/7/n']],
  ['/{a*,b.c}', ['/abc', '/b.c'], ['/bxc']],
  ['/{proxy+}', ['/{proxy+}'], ['/proxyy']],
])('%s', (pattern, same, other) => {
  const expression = new RegExp(toPattern(pattern))
  expect([...same, ...other].filter((path) => expression.test(path))).toEqual(same)
})
