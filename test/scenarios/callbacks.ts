/** The ways of runtime client 3 (Node 20 and 22) to answer: a callback, the context, an empty event loop. */
import { expect } from 'vitest'
import { client3, EACH_THROWN, erroneous, handler, roots, THROWN } from './lambda-rows.ts'
import type { Scenario, Seen } from './scenario.ts'

/** The root ends with what is under way when the callback is called, not before. */
function expectWorkInside(seen: Seen): void {
  for (const { attributes } of seen.spans) expect(attributes).not.toHaveProperty('unplugin_otel.end_reason')
  for (const { startMs, endMs } of roots(seen)) expect(endMs - startMs).toBeGreaterThanOrEqual(59)
}

export const callbacks: readonly Scenario[] = [
  client3(12, 'callback, at once', {
    source: handler(`  open('load').end()\n  callback(null, { ok: true })`),
  }),
  client3(12, 'callback, late', {
    source: handler(`  void span('load', () => sleep(20)).then(() => callback(null, { ok: true }))`),
  }),
  client3(12, 'callback with an error', {
    source: handler(`  void span('load', () => sleep(5)).then(() => callback(new RangeError('no')))`),
    check: erroneous('RangeError', 'no'),
  }),
  client3(12, 'callback with anything as an error', {
    source: handler(`  void span('load', () => sleep(5)).then(() => callback(${THROWN}, { ok: true }))`),
    calls: EACH_THROWN,
  }),
  client3(12, 'callback of a handler whose length is 0', {
    source: `export function handler() {
      root()
      void span('load', () => sleep(20)).then(() => arguments[2](null, { ok: true }))
    }`,
    check: expectRootLasts,
  }),
  client3(12, 'callback of rest arguments', {
    source: handler(`  void span('load', () => sleep(20)).then(() => rest[1](null, { ok: true }))`, 'event, ...rest'),
    check: expectRootLasts,
  }),
  client3(12, 'callback after a default', {
    source: handler(
      `  void span('load', () => sleep(20)).then(() => callback(null, { ok: true }))`,
      'event = {}, context, callback',
    ),
    check: expectRootLasts,
  }),
  client3(12, 'callback that is declared, and nobody calls', {
    source: handler(`  void span('load', () => sleep(20))`),
    check: expectRootLasts,
  }),
  client3(12, 'neither a callback nor a promise', {
    source: handler(`  void span('load', () => sleep(20))\n  return 'is not sent'`, 'event'),
    check: expectRootLasts,
  }),
  client3(12, 'callback twice', {
    source: handler(`  void span('load', () => sleep(5)).then(() => {
      callback(null, 1)
      callback(null, 2)
      callback(new Error('no'))
    })`),
    check: (seen) => expect(roots(seen).map(({ status }) => status.code)).toEqual([0, 0, 0]),
  }),
  client3(12, 'callback, then a promise', {
    source: `export const handler = async (event, context, callback) => {
      root()
      callback(null, 'of the callback')
      await span('work', () => sleep(20))
      return 'of the promise'
    }`,
  }),
  client3(12, 'callback, then a promise, at once', {
    source: `export const handler = async (event, context, callback) => {
      root()
      open('load').end()
      callback(null, 'of the callback')
      return 'of the promise'
    }`,
  }),
  client3(12, 'promise, then a callback', {
    source: `export const handler = async (event, context, callback) => {
      root()
      setTimeout(() => callback(null, 'of the callback'), 5)
      open('load').end()
      return 'of the promise'
    }`,
  }),
  ...(['done', 'succeed', 'fail'] as const).flatMap((method) => [
    client3(12, `context.${method}`, {
      source: handler(
        `  void span('load', () => sleep(20)).then(() => context.${method}(...${{ done: `[null, { ok: 1 }]`, succeed: `[{ ok: 1 }]`, fail: `[new RangeError('no')]` }[method]}))`,
        'event, context',
      ),
      check: method === 'fail' ? erroneous('RangeError', 'no') : expectRootLasts,
    }),
    client3(12, `context.${method} twice, and nothing`, {
      source: handler(`  open('load').end()\n  context.${method}()\n  context.${method}(1)\n  callback(null, 2)`),
    }),
  ]),
  client3(12, 'context: the same object, and as it was', {
    source: `
      let last
      export const handler = (event, context, callback) => {
        root()
        const { done, succeed, fail } = context
        // Of the one before: what replaced it is gone, and its accessor is the client's own.
        const seen = last && [last.context.done === last.done, Object.getOwnPropertyDescriptor(last.context, 'callbackWaitsForEmptyEventLoop').get !== undefined]
        last = { context, done }
        void span('load', () => sleep(5)).then(() => context.succeed({ keys: Object.keys(context), kinds: [typeof done, typeof succeed, typeof fail], accessor: seen?.[1] }))
      }`,
  }),
  client3(11, 'callbackWaitsForEmptyEventLoop: what goes on is part of it', {
    source: handler(`  void span('work', () => sleep(60))\n  callback(null, { ok: true })`),
    check: expectWorkInside,
  }),
  client3(11, 'callbackWaitsForEmptyEventLoop = false: what is open is exported before the freeze', {
    source: handler(`  context.callbackWaitsForEmptyEventLoop = false
      open('work')
      open('load').end()
      setTimeout(() => {}, 60_000).unref()
      const alive = setInterval(() => {}, 1000)
      callback(null, { ok: true })`),
    check({ spans }) {
      const work = spans.filter(({ name }) => name === 'work')
      expect(work.map(({ attributes }) => attributes['unplugin_otel.end_reason'])).toEqual(
        Array.from({ length: 3 }, () => 'handler_returned'),
      )
    },
  }),
  client3(11, 'callbackWaitsForEmptyEventLoop = false, and a promise that settles later', {
    source: `export const handler = async (event, context, callback) => {
      context.callbackWaitsForEmptyEventLoop = false
      root()
      open('load').end()
      callback(null, { ok: true })
      await sleep(200)
    }`,
  }),
  // With the answer the environment freezes: whatever has not arrived by then may never.
  ...Object.entries({
    'callback, at once': [
      `context.callbackWaitsForEmptyEventLoop = false; callback(null, { ok: true }); callback(null, 2)`,
    ],
    'callback, late': [`void span('load', () => sleep(20)).then(() => callback(null, { ok: true }))`],
    'callback with an error': [`void span('load', () => sleep(20)).then(() => callback(new RangeError('no')))`],
    'callback of rest arguments': [
      `void span('load', () => sleep(20)).then(() => rest[1](null, { ok: true }))`,
      'event, ...rest',
    ],
    'context.succeed': [
      `void span('load', () => sleep(20)).then(() => context.succeed({ ok: true }))`,
      'event, context',
    ],
    'context.fail twice': [`context.fail(new RangeError('no')); context.succeed(1)`, 'event, context'],
    'throws at once': [`throw new RangeError('no')`, 'event, context'],
    'throws after the callback': [`callback(null, { ok: true }); throw new RangeError('no')`],
    'nobody answers': [`void span('load', () => sleep(20))`],
    'a promise': [`return span('load', () => sleep(20)).then(() => ({ ok: true }))`, 'event'],
    'a promise that never settles': [`return new Promise(() => {})`, 'event'],
  }).map(([name, [body, parameters]]) =>
    client3(12, `flushed before the answer: ${name}`, {
      source: handler(`  open('open')\n  ${body}`, parameters),
      otel: { flush: { mode: 'await' } },
      receiver: { delayMs: 30 },
    }),
  ),
]

/** As long as what it waits for. */
function expectRootLasts(seen: Seen): void {
  expect(roots(seen)).toHaveLength(3)
  for (const { startMs, endMs } of roots(seen)) expect(endMs - startMs).toBeGreaterThanOrEqual(19)
}
