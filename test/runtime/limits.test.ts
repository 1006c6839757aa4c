/** Long and large invocations in one process: how many spans, how long values, how large requests. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { RuntimeOptions } from '../../src/contract.ts'
import { als } from '../../src/runtime/context/als.ts'
import { encoding } from '../../src/runtime/encoding/json.ts'
import { host } from '../../src/runtime/hosts/aws-lambda.ts'
import { instrument, setup } from '../../src/runtime/node.ts'
import { createSetup } from '../../src/runtime/provider.ts'
import { kernel } from '../../src/runtime/random-node.ts'
import { nodeTransport } from '../../src/runtime/transport-node.ts'
import { onEvent } from '../../src/runtime/platforms/aws-lambda.ts'
import { slot } from '../../src/runtime/slot.ts'
import { startFileReceiver } from './file-receiver.ts'

const meta = { file: 'src/app.ts', name: 'handler', line: 1 }
const receiver = await startFileReceiver()
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})

/** A process of its own for each: the options are read once. */
beforeEach(() => {
  delete (globalThis as Record<symbol, unknown>)[Symbol.for('opentelemetry.js.api.1')]
  slot.tracing = undefined
  slot.warned.clear()
  warn.mockClear()
})

function invoke(options: RuntimeOptions, handler: () => unknown): unknown {
  return instrument(
    onEvent as never,
    handler,
    meta,
    setup({ flush: { mode: 'await' }, ...options }, host, als, encoding),
  )()
}

function end(name: string, failed = false): void {
  const span = trace.getTracer('user').startSpan(name)
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
  span.end()
}

const range = (count: number) => Array.from({ length: count }, (_, n) => n)
const root = () => receiver.spans.find(({ kind }) => kind === 2)!
const children = () => receiver.spans.filter(({ kind }) => kind === 1).map(({ name }) => name)
const warnings = () => warn.mock.calls.map(([text]) => String(text))

describe('spans of an invocation', () => {
  test('over the limit they are left out, but for the root, which says how many', async () => {
    await invoke({ limits: { spansPerInvocation: 20 } }, () => {
      for (const n of range(27)) end(`${n}`)
    })
    await receiver.waitForSpans(21)
    expect(children()).toEqual(range(20).map(String))
    expect(root().attributes['unplugin_otel.dropped_spans']).toBe(7)
    expect(warnings()).toEqual([
      expect.stringMatching(/^\[unplugin-otel\] 7 of 27 spans left out: raise limits.spansPerInvocation\nUO213 /),
    ])
  })

  test('as many as the limit: nothing is left out, and nothing is said', async () => {
    await invoke({ limits: { spansPerInvocation: 5 } }, () => range(5).forEach((n) => end(`${n}`)))
    await receiver.waitForSpans(6)
    expect(root().attributes).not.toHaveProperty(['unplugin_otel.dropped_spans'])
    expect(warnings()).toEqual([])
  })

  test('errors take the places of those that are none, until there are only errors', async () => {
    await invoke({ limits: { spansPerInvocation: 3 } }, () => {
      end('a')
      end('early error', true)
      end('b')
      end('c')
      for (const n of range(4)) end(`late error ${n}`, true)
    })
    await receiver.waitForSpans(4)
    expect(children()).toEqual(['late error 0', 'early error', 'late error 1'])
    expect(root().attributes['unplugin_otel.dropped_spans']).toBe(5)
  })

  test('what was sent meanwhile counts, and is not taken back; the next invocation begins anew', async () => {
    const options = { limits: { spansPerInvocation: 4 }, batch: { interimMs: 10 } }
    await invoke(options, async () => {
      for (const n of range(3)) end(`sent ${n}`)
      await receiver.waitForSpans(3)
      end('waits')
      for (const n of range(2)) end(`error ${n}`, true)
    })
    await receiver.waitForSpans(5)
    expect(children()).toEqual(['sent 0', 'sent 1', 'sent 2', 'error 0'])
    expect(root().attributes['unplugin_otel.dropped_spans']).toBe(2)
    receiver.reset()
    await invoke(options, () => range(4).forEach((n) => end(`${n}`)))
    await receiver.waitForSpans(5)
    expect(root().attributes).not.toHaveProperty(['unplugin_otel.dropped_spans'])
    expect(warnings()).toHaveLength(1)
  })

  test('of background work after the root has ended, too; the root is never replaced', async () => {
    const options = { limits: { spansPerInvocation: 1 } }
    const working = {
      ...host,
      keepAlive: (...args: Parameters<typeof host.keepAlive>) => {
        args[3].background(
          turn()
            .then(() => sleep(5))
            .then(() => {
              end('error 0', true)
              end('error 1', true)
            }),
        )
        return 'after' as const
      },
    }
    await instrument(onEvent as never, () => {}, meta, setup(options, working, als, encoding))()
    await receiver.waitForSpans(2)
    expect(children()).toEqual(['error 0'])
    expect(root().attributes['unplugin_otel.dropped_spans']).toBe(1)
  })

  test('open ones are not kept without end either: those over the limit end by themselves only', async () => {
    await invoke({ limits: { spansPerInvocation: 3 } }, () => {
      const tracer = trace.getTracer('user')
      range(5).forEach((n) => tracer.startSpan(`open ${n}`))
      expect([...slot.active].map(({ open }) => open.size)).toEqual([3])
    })
    await receiver.waitForSpans(1)
  })
})

test('attribute values are cut to `attributeLength`', async () => {
  await invoke({ limits: { attributeLength: 10 } }, () => {
    trace
      .getTracer('user')
      .startSpan('long', { attributes: { a: 'x'.repeat(50), b: ['y'.repeat(50)] } })
      .end()
  })
  await receiver.waitForSpans(2)
  const { attributes } = receiver.spans.find(({ name }) => name === 'long')!
  expect(attributes).toMatchObject({ a: 'x'.repeat(10), b: ['y'.repeat(10)] })
})

describe('requests', () => {
  const large = (name: string, length: number) =>
    trace
      .getTracer('user')
      .startSpan(name, { attributes: { text: 'x'.repeat(length) } })
      .end()

  test('are below 4 MB: a larger one is split, a span that alone is larger goes alone', async () => {
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', 'none')
    await invoke({ limits: { attributeLength: 5_000_000 } }, () => {
      for (const n of range(6)) large(`${n}`, 700_000)
      large('alone', 4_000_000)
      large('small', 1)
    })
    vi.stubEnv('OTEL_EXPORTER_OTLP_COMPRESSION', undefined)
    await receiver.waitForSpans(9)
    expect(children().toSorted()).toEqual([...range(6).map(String), 'alone', 'small'])
    const tooLarge = receiver.requests.filter(({ bytes }) => bytes > 4e6)
    expect(tooLarge.map(({ spans }) => spans.map(({ name }) => name))).toEqual([['alone']])
    // Not one each either.
    expect(receiver.requests.length).toBeLessThan(9)
  })

  test('of an interim export are made one a turn, so that the handler runs in between', async () => {
    const events: string[] = []
    const noting: typeof nodeTransport = {
      ...nodeTransport,
      send(...args) {
        events.push('request')
        return nodeTransport.send(...args)
      },
    }
    const parts = createSetup(noting, kernel)({ batch: { interimMs: 10 } }, host, als, encoding)
    await instrument(
      onEvent as never,
      async () => {
        for (const n of range(1100)) end(`${n}`)
        while (receiver.spans.length < 1100) {
          await turn()
          events.push('turn')
        }
      },
      meta,
      parts,
    )()
    await receiver.waitForSpans(1101)
    expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([512, 512, 76, 1])
    const [, ...between] = events.join(' ').split('request')
    expect(between.slice(0, 3)).toEqual([
      expect.stringContaining('turn'),
      expect.stringContaining('turn'),
      expect.stringContaining('turn'),
    ])
  })
})
