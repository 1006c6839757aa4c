/** Credentials: a function says none of them, whatever its collector does, and sends them nowhere else. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { deployWorker } from './deploy-worker.ts'
import { buildFunction, invoke, run } from './deploy.ts'
import { startEchoingCollector, type Echo } from './harness/echoing-collector.ts'
import type { AddressInfo } from 'node:net'

const LOUD = `import { diag, DiagConsoleLogger, DiagLogLevel } from '@opentelemetry/api'
diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ALL)
`
const FUNCTION = `${LOUD}export const handler = async ({ exits }) => (exits ? process.exit(3) : 'ok')\n`
const WORKER = `${LOUD}export default { fetch: () => new Response('ok') }\n`

/** Wherever one can stand. `s3cr3t` is in each, also in the base64 of the two before the `@`. */
const HEADERS = {
  OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20one-s3cr3t%2F+==,X-Two=two.s3cr3t',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-three=three_s3cr3t',
}
const withCredentials = (host: string, base = 's3cr3t-path') => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://user-s3cr3t:pass-s3cr3t@${host}/${base}?api_key=query-s3cr3t`,
  OTEL_RESOURCE_ATTRIBUTES: 'team=checkout',
})
const BASIC = Buffer.from('user-s3cr3t:pass-s3cr3t').toString('base64')
const SECRET = new RegExp(`s3cr3t|${BASIC.slice(0, 6)}|${BASIC.slice(-10, -2)}`, 'i')

const ECHOES: readonly Echo[] = [
  'body 400',
  'body 401',
  'body 404',
  'body 503',
  'partial success',
  'partial success, escaped',
  'redirect',
  'reason phrase',
  'huge header',
  'not HTTP',
  'cut off',
  'reset',
]
const UNREACHABLE: Record<string, Record<string, string>> = {
  refused: withCredentials('127.0.0.1:1'),
  'no such host': withCredentials('nowhere.invalid'),
  'not a URL': withCredentials('bad host:4318'),
  'no scheme': { OTEL_EXPORTER_OTLP_ENDPOINT: 'user-s3cr3t:pass-s3cr3t@127.0.0.1:4318' },
  'a colon for =': { ...withCredentials('127.0.0.1:1'), OTEL_EXPORTER_OTLP_HEADERS: 'Authorization: Basic s3cr3t=' },
  'a line break': { ...withCredentials('127.0.0.1:1'), OTEL_EXPORTER_OTLP_HEADERS: 'a=s3cr3t%0D%0Ax-s3cr3t: 1' },
  'half a percent sign': { ...withCredentials('127.0.0.1:1'), OTEL_EXPORTER_OTLP_HEADERS: 'a=s3cr3t%,%=s3cr3t' },
}

test('on Node nothing that is said has a credential in it', async () => {
  const folder = await buildFunction(FUNCTION)
  const said = async (env: Record<string, string>) => {
    const { lambda } = await run(folder, { lambda: { env } }).then((deployment) => {
      return invoke(deployment).then((result) => {
        expect(result.json()).toBe('ok')
        return deployment
      })
    })
    // The thread at the exit says nothing, either.
    await lambda.invoke({ exits: true })
    return lambda.output
  }
  for (const echo of ECHOES) {
    const { port, heads } = await startEchoingCollector(echo)
    const output = await said({ ...HEADERS, ...withCredentials(`127.0.0.1:${port}`) })
    expect(output, echo).not.toMatch(SECRET)
    expect(heads[0]).toContain('POST /s3cr3t-path/v1/traces?api_key=query-s3cr3t HTTP')
    expect(heads[0]).toMatch(/^authorization: Bearer one-s3cr3t\/\+==$/im)
    expect(heads[0]).toMatch(/^x-two: two\.s3cr3t\r\nx-three: three_s3cr3t$/im)
    expect(heads.filter((head) => head.includes('/moved'))).toEqual([])
  }
  const plain = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void plain.close())
  await once(plain, 'listening')
  const tls = withCredentials(`127.0.0.1:${(plain.address() as AddressInfo).port}`)
  const [endpoint] = Object.values(tls).map((value) => value.replace('http:', 'https:'))
  for (const [name, env] of Object.entries({ ...UNREACHABLE, TLS: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint! } })) {
    const output = await said({ ...HEADERS, ...env })
    expect(output, name).toMatch(/\[unplugin-otel\].*UO20[25]/s)
    expect(output, name).not.toMatch(SECRET)
  }
})

test('on workerd nothing that is said has a credential in it', async () => {
  const said = async (vars: Record<string, string>) => {
    const { worker } = await deployWorker(WORKER, { vars })
    expect(await (await worker.fetch('/')).text()).toBe('ok')
    await worker.settled()
    return worker.console.map(({ message }) => message).join('\n')
  }
  // What an answer is like makes no difference there.
  for (const echo of ['body 404', 'partial success', 'partial success, escaped', 'redirect', 'not HTTP'] as const) {
    const { port, heads } = await startEchoingCollector(echo)
    expect(await said({ ...HEADERS, ...withCredentials(`127.0.0.1:${port}`) }), echo).not.toMatch(SECRET)
    expect(heads[0]).toContain('POST /s3cr3t-path/v1/traces?api_key=query-s3cr3t HTTP')
    expect(heads[0]).toMatch(/^authorization: Bearer one-s3cr3t\/\+==$/im)
    expect(heads.filter((head) => head.includes('/moved'))).toEqual([])
  }
  for (const name of ['refused', 'not a URL', 'a colon for =', 'a line break'] as const) {
    const output = await said({ ...HEADERS, ...UNREACHABLE[name] })
    expect(output, name).toMatch(/\[unplugin-otel\].*UO20[25]/s)
    expect(output, name).not.toMatch(SECRET)
  }
})

test('what a collector says is still said', async () => {
  const server = createServer((_, response) => {
    response.end('{"partialSuccess":{"rejectedSpans":"2","errorMessage":"span too old: key-s3cr3t may not be late"}}')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=key-s3cr3t' }
  const deployment = await run(await buildFunction(FUNCTION), { lambda: { env } })
  await invoke(deployment)
  expect(deployment.lambda.output).toContain('"errorMessage":"span too old: ***-*** may not be late"')
})

/** `user:password@`, and no header that says otherwise. */
test.each(['Node', 'workerd'])('on %s the credentials of the endpoint are sent', async (runtime) => {
  const { port, heads } = await startEchoingCollector('body 401')
  const vars = { OTEL_EXPORTER_OTLP_ENDPOINT: `http://us%C3%A9r:p%40ss@127.0.0.1:${port}/` }
  if (runtime === 'Node') await invoke(await run(await buildFunction(FUNCTION), { lambda: { env: vars } }))
  else {
    const { worker } = await deployWorker(WORKER, { vars })
    await worker.fetch('/')
    await worker.settled()
  }
  expect(heads[0]).toMatch(new RegExp(`^authorization: Basic ${Buffer.from('usér:p@ss').toString('base64')}$`, 'im'))
})

/** Node takes its global agent there when it is told to, and a proxy reads what goes to http. https://nodejs.org/api/http.html#built-in-proxy-support */
test('no proxy of the environment gets them, neither of the invocation nor of the thread at the exit', async () => {
  const proxy = await startEchoingCollector('body 401')
  const at = `http://127.0.0.1:${proxy.port}`
  const env = { ...HEADERS, NODE_USE_ENV_PROXY: '1', HTTP_PROXY: at, http_proxy: at, HTTPS_PROXY: at }
  const asking = `import { get } from 'node:http'
    export const handler = async ({ exits }) =>
      exits ? process.exit(3) : new Promise((resolve) => get('http://asked.invalid/', ({ statusCode }) => resolve(statusCode)))
  `
  const { lambda, receiver } = await run(await buildFunction(asking), { lambda: { env } })
  expect((await lambda.invoke({})).json()).toBe(401)
  await lambda.invoke({ exits: true })
  await receiver.waitForSpans(2)
  expect(receiver.requests.map(({ headers }) => headers['x-three'])).toEqual(['three_s3cr3t', 'three_s3cr3t'])
  expect(proxy.heads).toEqual([expect.stringContaining('http://asked.invalid/')])
})

const HOSTILE = [
  'Content-Length=4',
  'Transfer-Encoding=chunked',
  'CONTENT-TYPE=text/plain',
  'Content-Encoding=br',
  'User-Agent=mine',
  'Authorization=Bearer%20old',
  'authorization=Bearer%20new',
]

test.each(['Node', 'workerd'])('on %s headers of the variable cannot make another request of it', async (runtime) => {
  const env = { OTEL_EXPORTER_OTLP_HEADERS: HOSTILE.join() }
  if (runtime === 'Node') {
    const { receiver } = await run(await buildFunction(FUNCTION), { lambda: { env } }).then(async (deployment) => {
      await invoke(deployment)
      // The thread at the exit sends the same.
      await deployment.lambda.invoke({ exits: true })
      await deployment.receiver.waitForSpans(2)
      return deployment
    })
    expect(receiver.requests).toHaveLength(2)
    for (const { headers, bytes } of receiver.requests) check(headers, bytes)
    return
  }
  const { worker, receiver } = await deployWorker(WORKER, { vars: env })
  await worker.fetch('/')
  await worker.settled()
  expect(receiver.spans).toHaveLength(1)
  check(receiver.requests[0]!.headers, receiver.requests[0]!.bytes)

  function check(headers: Record<string, unknown>, bytes: number): void {
    expect(headers).toMatchObject({
      'content-length': String(bytes),
      'content-type': 'application/json',
      'user-agent': 'mine',
      authorization: 'Bearer new',
    })
    expect(headers).not.toHaveProperty('transfer-encoding')
    expect(headers).not.toHaveProperty('content-encoding')
  }
})
