/** Which modules the options ask for, and with what. */
import { expect, test } from 'vitest'
import { findFeatures } from '../../src/plugin/features.ts'
import { resolveOptions, type Options } from '../../src/plugin/options.ts'
import { toPattern } from '../../src/plugin/path-pattern.ts'

const found = (options: Options) => findFeatures(resolveOptions(options)).map(({ file, argument }) => [file, argument])

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

test('what is ignored is around all else', () => {
  const all = found({ ignore: ['/health'], responseHeader: 'x-trace-id', debug: true, trustIncoming: false })
  expect(all.at(-1)![0]).toBe('ignored')
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
