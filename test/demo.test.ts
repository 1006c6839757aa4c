import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Facts } from '../playgrounds/lambda-esbuild/facts.ts'

test('the demo: ours loses no span, the batch processor does', async () => {
  const env = { ...process.env, VITEST: undefined } // otel() is off under Vitest
  // Rejects with the output unless the exit code is 0.
  const { stdout } = await promisify(execFile)(process.execPath, ['playgrounds/lambda-esbuild/demo.ts', '--json'], {
    env,
  })
  const { variants } = JSON.parse(stdout) as Facts
  const [a, , , d, e] = variants
  expect(variants.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(a!.lost).toBeGreaterThan(0)
  expect([d!.started, e!.started]).toEqual([a!.started, a!.started])
  expect(d).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, brokenTraces: 0 })
  expect(e).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, brokenTraces: 0, requestsPerInvocation: 1 })
})
