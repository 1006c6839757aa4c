import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Facts } from '../playgrounds/demo/facts.ts'

test('the demo: ours loses no span on either platform, the batch processor does, and the trace is one', async () => {
  const env = { ...process.env, VITEST: undefined } // otel() is off under Vitest
  // Rejects with the output unless the exit code is 0.
  const { stdout } = await promisify(execFile)(process.execPath, ['playgrounds/demo/demo.ts', '--json'], {
    env,
    maxBuffer: Infinity,
  })
  const { lambda, worker, joined } = JSON.parse(stdout) as Facts
  const ours = { lost: 0, duplicated: 0, unexpected: 0, brokenTraces: 0 }

  const [a, , , d, e] = lambda.variants
  expect(lambda.variants.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(a!.lost).toBeGreaterThan(0)
  expect([d!.started, e!.started]).toEqual([a!.started, a!.started])
  expect(d).toMatchObject(ours)
  expect(e).toMatchObject({ ...ours, requestsPerInvocation: 1 })

  const [without, flushed, plugin] = worker.variants
  expect(worker.variants.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
  expect(without!.lost).toBeGreaterThan(0)
  expect([flushed!.started, plugin!.started]).toEqual([without!.started, without!.started])
  expect(plugin).toMatchObject({ ...ours, requestsPerInvocation: 1 })

  expect(joined.isOne).toBe(true)
  expect(new Set(joined.spans.map(({ resource }) => resource['service.name']))).toEqual(
    new Set(['shop-front', 'orders']),
  )
  expect(joined.spans.map(({ name }) => name)).toContain('process receipts')
})
