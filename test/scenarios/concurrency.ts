/** Many invocations in one process or isolate. */
import { expect } from 'vitest'
import type { Call, Cell, Lacks, Scenario, Seen } from './scenario.ts'

/** Managed Instances, which do more: `test/lambda-managed.test.ts`. */
const ONE: Lacks =
  'an environment has one invocation at a time: https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html'

const AT_ONCE = 100
const calls: readonly Call[] = Array.from({ length: AT_ONCE }, (_, n) => ({ path: `/${n}` }))

/** Its own root, and in it the spans with its number, and no others. */
const unmixed: Cell['check'] = ({ receiver }: Seen) => {
  const traces = receiver.traces()
  expect(traces).toHaveLength(AT_ONCE)
  const paths = traces.flatMap(({ roots }) => roots.map(({ attributes }) => attributes['url.path']))
  expect(new Set(paths)).toEqual(new Set(calls.map(({ path }) => path)))
  for (const { roots } of traces) {
    const n = String(roots[0]!.attributes['url.path'])
    expect(roots).toMatchObject([{ kind: 2, children: [{ name: `outer ${n}`, children: [{ name: `inner ${n}` }] }] }])
  }
}

const work = (path: string) => `
  root()
  const n = ${path}
  const ms = Number(n.slice(1)) % 10
  await span('outer ' + n, async () => {
    await sleep(5 + ms)
    await span('inner ' + n, () => sleep(10 - ms))
  })`

export const concurrency: readonly Scenario[] = [
  {
    row: 5,
    pitfall: 26,
    name: 'a hundred at once',
    on: {
      'lambda-v4': ONE,
      'lambda-v3': ONE,
      'lambda-streaming': ONE,
      workers: {
        source: `export default { async fetch(request) {
          ${work('new URL(request.url).pathname')}
          return new Response(n)
        } }`,
        calls,
        atOnce: true,
        check: unmixed,
      },
      node: {
        source: `import { createServer } from 'node:http'
          listen(createServer(async (request, response) => {
            ${work('request.url')}
            response.end(n)
          }))`,
        calls,
        atOnce: true,
        check: unmixed,
      },
    },
  },
]
