/** `otel.config.ts`, the module of functions: bundled with the handler by every bundler, and called in the real runtimes. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, tier2 } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { deployWorker } from './deploy-worker.ts'
import { deploy, invoke, run } from './deploy.ts'
import { startEchoingCollector } from './harness/echoing-collector.ts'

const root = path.resolve(import.meta.dirname, '..')
const bundlers = { ...tier1, ...tier2 }

const CONFIG = `
import { defineConfig } from 'unplugin-otel/config'

interface Incoming { readonly body?: string }
export default defineConfig({
  onStart: [
    (span, { platform, handler, event, header }) =>
      void span.setAttributes({ platform, file: handler.file, tenant: header('X-Tenant') ?? 'none', text: (event as Incoming).body ?? '' }),
    () => { throw new Error('not today') },
  ],
  onEnd: (span, { response, error }) =>
    void span.setAttribute('ended', error ? String(error) : JSON.stringify(response ?? null)),
  headers: async ({ url, body }) => ({ 'x-token': \`\${new URL(url).pathname} \${body.length > 100}\` }),
})
`
const SOURCES = {
  'an ES module': `export const handler = async (event) => ({ statusCode: event.fails ? 500 : 200 })\n`,
  CommonJS: `exports.handler = async (event) => ({ statusCode: event.fails ? 500 : 200 })\n`,
}
const EVENT = { httpMethod: 'GET', path: '/a', headers: { 'x-TENANT': 'acme' }, requestContext: {}, body: 'hi' }

function createFolder(parent: string): string {
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'config-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function createProject(kind: keyof typeof SOURCES, config: string) {
  const folder = createFolder(path.join(root, '.cache'))
  const outdir = createFolder(tmpdir())
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'))
  const manifest = { type: kind === 'CommonJS' ? 'commonjs' : 'module', devDependencies: { '@types/aws-lambda': '*' } }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest))
  writeFileSync(path.join(folder, 'otel.config.ts'), config)
  const entry = path.join(folder, 'src/index.js')
  mkdirSync(path.dirname(entry))
  writeFileSync(entry, SOURCES[kind])
  const format = kind === 'CommonJS' ? 'cjs' : 'esm'
  return { root: folder, entries: { index: entry }, outdir, format, otel: {} } as const
}

describe.each(Object.keys(bundlers))('%s', (name) => {
  test.each(Object.keys(SOURCES) as (keyof typeof SOURCES)[])(
    '%s: the config is bundled, its hooks are called',
    async (kind) => {
      const build = createProject(kind, CONFIG)
      const { printed } = await buildSilently(bundlers[name]!, build)
      // Those two are told to be silent.
      if (name !== 'esbuild' && name !== 'vite')
        expect(printed).toMatch(/ config {3}otel\.config\.ts \(onStart, onEnd, headers\)\n/)
      const deployment = await run(build.outdir)
      expect((await invoke(deployment, EVENT)).text).toBe('{"statusCode":200}')
      const [span] = deployment.receiver.spans
      expect(span!.attributes).toMatchObject({
        platform: 'aws-lambda',
        file: 'src/index.js',
        tenant: 'acme',
        text: 'hi',
        ended: '{"statusCode":200}',
      })
      expect(deployment.receiver.requests[0]!.headers['x-token']).toBe('/v1/traces true')
      expect(deployment.lambda.output.match(/onStart of otel\.config\.ts failed: Error: not today/g)).toHaveLength(1)
    },
  )

  test('a key that there is not fails the build, and says where; without the config it is not read', async () => {
    const build = createProject('an ES module', 'export default {\n  onStrat() {},\n}\n')
    await expect(buildSilently(bundlers[name]!, build)).rejects.toThrow(
      /otel\.config\.ts:2:3: unknown key 'onStrat'[^]*Did you mean 'onStart'\?/,
    )
    await buildSilently(bundlers[name]!, { ...build, otel: { configFile: false } })
    await expect(buildSilently(bundlers[name]!, { ...build, otel: { configFile: 'hooks.ts' } })).rejects.toThrow(
      /configFile is "hooks\.ts", and there is no file/,
    )
  })
})

const WORKER = `
export default {
  fetch: async (request) => {
    const stream = new TransformStream()
    const writer = stream.writable.getWriter()
    void writer.write(new TextEncoder().encode('hi')).then(() => writer.close())
    return new Response(stream.readable)
  },
}
`

test('on workerd: a Request, headers that are asked for, a hang that nobody waits for', async () => {
  const config = `
    import { defineConfig } from 'unplugin-otel/config'
    let calls = 0
    export default defineConfig({
      onStart: async (span, { platform, header }) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        span.setAttributes({ platform, tenant: header('x-tenant') ?? 'none' })
      },
      onEnd: (span, { response }) => void span.setAttribute('status', (response as Response).status),
      headers: () => (++calls > 1 ? new Promise(() => {}) : Promise.resolve({ 'x-token': 'secret' })),
    })`
  const { worker, receiver } = await deployWorker(WORKER, { config, otel: { flush: { budgetMs: 400 } } })
  for (let n = 0; n < 3; n++) {
    expect(await (await worker.fetch('/', { headers: { 'X-Tenant': 'acme' } })).text()).toBe('hi')
    await worker.settled()
  }
  expect(receiver.requests.map(({ headers }) => headers['x-token'])).toEqual(['secret', undefined, undefined])
  const { attributes } = receiver.spans[0]!
  expect(attributes).toMatchObject({ platform: 'cloudflare', tenant: 'acme', status: 200 })
  const said = worker.console.map(({ message }) => message).filter((message) => message.includes('UO240'))
  expect(said).toEqual([expect.stringContaining('headers of otel.config.ts failed: not done in 200 ms')])
})

test('a token that the collector repeats is in no log; what cannot be a header is not sent', async () => {
  const { port, heads } = await startEchoingCollector('partial success')
  const config = `
    export default { headers: () => ({ 'x-token': 'token-s3cr3t', 'bad name': 's3cr3t', bad: 'a\\nx: s3cr3t' }) }`
  const deployment = await deploy(`${SOURCES['an ES module']}\n`, {
    config,
    lambda: { env: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` } },
  })
  await invoke(deployment)
  expect(heads[0]).toMatch(/^x-token: token-s3cr3t$/im)
  expect(heads[0]).not.toMatch(/^bad/im)
  expect(deployment.lambda.output).toMatch(/headers of otel\.config\.ts failed: 'bad name' cannot be sent[^]*UO207/)
  expect(deployment.lambda.output).not.toContain('s3cr3t')
})

test.each([
  ['({ body }) => ({ "x-length": String(body.length) })', false],
  ['() => ({ "x-length": "0" })', true],
])('headers: %s: what is signed is what is sent', async (headers, gzip) => {
  const source = `import { trace } from '@opentelemetry/api'
    export const handler = async () => void trace.getActiveSpan().setAttribute('large', 'x'.repeat(20_000))`
  const deployment = await deploy(source, { config: `export default { headers: ${headers} }` })
  await invoke(deployment)
  const [request] = deployment.receiver.requests
  expect(request!.gzip).toBe(gzip)
  if (!gzip) expect(request!.headers['x-length']).toBe(String(request!.bytes))
})
