/** How a handler can end. */
import { buffered, EACH_THROWN, erroneous, handler, THROWN } from './lambda-rows.ts'
import type { Scenario } from './scenario.ts'

const async = `
  root()
  await span('load', () => sleep(5))`

const onWorkers = (body: string, isAsync: boolean) => ({
  source: `export default { ${isAsync ? 'async ' : ''}fetch(request) {
    const event = Number(new URL(request.url).pathname.slice(1))
    ${body}
  } }`,
})

export const waysToEnd: readonly Scenario[] = [
  {
    ...buffered(
      11,
      'async',
      { source: `export const handler = async () => {${async}\n return { ok: true } }` },
      {
        'lambda-streaming': {
          source: `export const handler = awslambda.streamifyResponse(async (event, stream) => {${async}\n stream.end('done') })`,
        },
        workers: { source: `export default { async fetch() {${async}\n return new Response('done') } }` },
        node: {
          source: `import { createServer } from 'node:http'
            listen(createServer(async (request, response) => {${async}\n response.end('done') }))`,
        },
      },
    ),
  },
  buffered(
    11,
    'a value, not a promise',
    { source: handler(`  open('load').end()\n  return { ok: true }`, '') },
    {
      workers: { source: `export default { fetch() {\n root()\n open('load').end()\n return new Response('done') } }` },
    },
  ),
  buffered(
    11,
    'a lazy thenable',
    {
      source: handler(
        `  return { then: (...settle) => span('load', () => sleep(5)).then(() => ({ ok: true })).then(...settle) }`,
        '',
      ),
    },
    {
      workers: {
        source: `export default { fetch() {
          root()
          return { then: (...settle) => span('load', () => sleep(5)).then(() => new Response('done')).then(...settle) }
        } }`,
      },
    },
  ),
  buffered(
    11,
    'throws at once',
    {
      source: handler(`  open('load').end()\n  throw new RangeError('no')`, ''),
      check: erroneous('RangeError', 'no'),
    },
    {
      workers: { source: `export default { fetch() {\n root()\n open('load').end()\n throw new RangeError('no') } }` },
    },
  ),
  buffered(
    11,
    'throws anything',
    { source: handler(`  open('load').end()\n  throw ${THROWN}`, 'event'), calls: EACH_THROWN },
    { workers: { ...onWorkers(`root()\n open('load').end()\n throw ${THROWN}`, false), calls: EACH_THROWN } },
  ),
  buffered(
    11,
    'rejects with anything',
    { source: `export const handler = async (event) => {${async}\n throw ${THROWN}\n}`, calls: EACH_THROWN },
    {
      'lambda-streaming': {
        source: `export const handler = awslambda.streamifyResponse(async (event, stream) => {${async}\n throw ${THROWN}\n})`,
        calls: EACH_THROWN,
      },
      workers: { ...onWorkers(`${async}\n throw ${THROWN}`, true), calls: EACH_THROWN },
    },
  ),
]
