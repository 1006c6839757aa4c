import { expect, test } from 'vitest'
import type { Build } from '../../src/plugin/build.ts'
import { platformIds, platforms } from '../../src/plugin/known-platforms.ts'
import { createReport } from '../../src/plugin/report.ts'

const build: Build = {
  platform: platforms.find(({ id }) => id === 'aws-lambda'),
  target: 'node',
  because: 'template.yaml',
  context: undefined,
  entries: ['/orders/src/app.ts'],
  of: () => undefined,
}
const wrapped = [{ name: 'handler', kind: 'onEvent', line: 3, column: 14 }]
const nearMisses = [{ name: 'main', line: 5, column: 10, why: 'not a function' }]

test('platform and why, each handler, each near-miss, each note once', () => {
  const report = createReport(build)
  report.add('src/app.ts', wrapped, nearMisses)
  report.note('set format: "esm"')
  report.note('set format: "esm"')
  expect(report.finish()).toEqual({
    summary: `[unplugin-otel] aws-lambda, node (template.yaml)
  wrapped  src/app.ts:3:14 handler (onEvent)
  left     src/app.ts:5:10 main: not a function
  note     set format: "esm"`,
    warning: undefined,
    count: 1,
  })
})

test('a module that cannot be read is a warning that names file and position, whatever else is wrapped', () => {
  const report = createReport(build)
  report.add('src/app.ts', wrapped, [])
  report.add('src/b.ts', [], [{ name: '*', line: 2, column: 7, why: 'not parsed: Unexpected token', isUnread: true }])
  expect(report.finish()).toEqual({
    summary: expect.stringContaining('left     src/b.ts:2:7 *: not parsed: Unexpected token'),
    warning:
      '[unplugin-otel] src/b.ts:2:7 not parsed: Unexpected token\n' +
      "Nothing in it is wrapped. Correct it, or leave it out with exclude: ['src/b.ts'] in otel().",
    count: 1,
  })
})

test('a module that is built again is reported once, as it is now', () => {
  const report = createReport(build)
  report.add('src/app.ts', wrapped, nearMisses)
  report.add('src/app.ts', [{ name: 'main', kind: 'onEvent', line: 5, column: 10 }], [])
  expect(report.finish().summary.split('\n').slice(1)).toEqual(['  wrapped  src/app.ts:5:10 main (onEvent)'])
})

test('nothing wrapped is a warning that says where it looked and what to do', () => {
  const report = createReport(build)
  report.add('src/app.ts', [], nearMisses)
  const { summary, warning } = report.finish()
  expect(summary).toContain('left     src/app.ts:5:10 main: not a function')
  expect(warning).toBe(
    '[unplugin-otel] nothing is wrapped: no handler export for aws-lambda in /orders/src/app.ts\n' +
      "Name the exports with handlers: ['…'], or the modules with include: ['…'], in otel(). " +
      'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html',
  )
})

test('an entry that a persistent cache has is not missed', () => {
  expect(createReport(build).finish(true)).toEqual({
    summary: expect.stringContaining('\n  cached   '),
    warning: undefined,
    count: 0,
  })
  const report = createReport(build)
  report.add('src/app.ts', [], nearMisses)
  expect(report.finish(true).warning).toContain('nothing is wrapped')
  expect(createReport({ ...build, platform: undefined }).finish(true).warning).toContain('nothing is wrapped')
})

test('no platform is a warning with the reason', () => {
  const report = createReport({ ...build, platform: undefined, because: 'no deploy file' })
  expect(report.finish()).toEqual({
    summary: '[unplugin-otel] no platform: no deploy file',
    warning: expect.stringContaining("nothing is wrapped: no deploy file\nSet platform: '"),
    count: 0,
  })
  for (const id of platformIds) expect(report.finish().warning).toContain(`'${id}'`)
})

test('how spans find their parents, where the platform decides', () => {
  const summary = (context: Build['context']) => createReport({ ...build, context }).finish().summary
  expect(summary({ context: 'als', because: 'nodejs_als' })).toContain('\n  context  AsyncLocalStorage (nodejs_als)')
  expect(summary({ context: 'stack', because: 'compatibility date 2026-07-01' })).toContain(
    "until the first await; add 'nodejs_als' to compatibility_flags for spans after it (compatibility date 2026-07-01)",
  )
})
