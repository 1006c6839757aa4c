/** A function that stays: its memory does not grow. `UNPLUGIN_OTEL_INVOCATIONS=1000000` for ten times as many. */
import { expect, test } from 'vitest'
import { measureMemory } from './memory.ts'

const INVOCATIONS = Number(process.env['UNPLUGIN_OTEL_INVOCATIONS'] ?? 100_000)
/** Of the whole run: code that is compiled late, and the noise of a sample. */
const FLAT_BYTES = 256 * 1024

test(
  `${INVOCATIONS} invocations: the heap is flat, nothing stays open, no span is lost`,
  { timeout: 60_000 + 3 * INVOCATIONS },
  async () => {
    const begun = performance.now()
    const { samples, growth, invocations, ended, spans, connections, output } = await measureMemory(INVOCATIONS)
    const last = samples.slice(samples.length / 5)
    const heaps = last.map(({ heapUsed }) => heapUsed / 1e6)
    console.log(
      `${invocations} invocations in ${Math.round((performance.now() - begun) / 1000)} s: heap ${Math.min(...heaps).toFixed(2)} to ${Math.max(...heaps).toFixed(2)} MB, ${(growth / 1024).toFixed(0)} kB more over the last 80 %`,
    )
    expect(output).toBe('')
    expect(growth).toBeLessThan(FLAT_BYTES)
    expect(spans).toBe(ended)
    // Ours are 16; the extension has one, and the platform that tells it another.
    expect(connections).toBeLessThanOrEqual(18)
    expect(Math.max(...last.map(({ handles }) => handles))).toBeLessThan(5)
    for (const key of ['timers', 'listeners', 'active', 'orphans', 'retained', 'warned'] as const)
      expect(new Set(last.map((sample) => sample[key])), key).toEqual(new Set([last[0]![key]]))
  },
)
