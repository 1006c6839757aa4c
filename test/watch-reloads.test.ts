/** A hundred reloads in one process leave what one leaves: no listener, timer, provider or old module piles up. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { build, context, type BuildOptions } from 'esbuild'
import otel, { type Options } from 'unplugin-otel/esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { buildInProcess, projects, type Build } from './bundlers/build.ts'
import { startHost, type Host, type HostState } from './watch/host.ts'
import { createProject } from './watch/project.ts'
import { watch } from './watch/watching.ts'

const RELOADS = 100
/** By then everything has been there once. */
const SETTLED = 5

const SOURCE = (text: string) => `import { trace } from '@opentelemetry/api'
export const handler = async () => {
  trace.getTracer('app').startSpan('child').end()
  return '${text}'
}
export { handler as function }
`

const toOptions = (folder: string, format: 'esm' | 'cjs', options: Options): BuildOptions => ({
  absWorkingDir: folder,
  entryPoints: ['src/index.js'],
  outfile: path.join(folder, format === 'esm' ? 'dist/index.mjs' : 'dist/index.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format,
  plugins: [otel({ enabled: true, ...options })],
})

/** @param reload builds anew and calls what was built */
async function compareReloads(host: Host, reload: (n: number) => Promise<unknown>, spans = 2): Promise<HostState> {
  for (let n = 1; n <= SETTLED; n++) await reload(n)
  await host.receiver.waitForSpans(SETTLED * spans, 10_000)
  const before = await host.state()
  for (let n = SETTLED + 1; n <= RELOADS; n++) await reload(n)
  await host.receiver.waitForSpans(RELOADS * spans, 10_000)
  const after = await host.state()
  expect(after).toEqual(before)
  // Each call has a trace of its own, with one root.
  expect(host.receiver.spans).toHaveLength(RELOADS * spans)
  const traces = host.receiver.traces()
  expect(traces).toHaveLength(RELOADS)
  for (const { roots } of traces) expect(roots).toMatchObject([{ children: [{ name: 'child', children: [] }] }])
  expect(after).toMatchObject({ providers: 1, isPatched: false, slot: { active: 0, orphans: 0, retained: 0 } })
  return after
}

test('a context of esbuild is built and loaded a hundred times', async () => {
  const project = createProject({ 'src/index.js': SOURCE('000') })
  const options = toOptions(project.folder, 'cjs', {})
  const watched = await context(options)
  onTestFinished(() => watched.dispose())
  const host = await startHost()
  const listeners = () => process.eventNames().map((event) => [event, process.listenerCount(event)])
  // The host's connections to the receiver, which is in this process, come and go.
  const resources = () =>
    process
      .getActiveResourcesInfo()
      .filter((kind) => kind !== 'TCPSocketWrap')
      .toSorted()
  const sizes = new Set<number>()
  let before: { listeners: unknown; resources: unknown } | undefined
  const { alive } = await compareReloads(host, async (n) => {
    const text = String(n).padStart(3, '0')
    project.write('src/index.js', SOURCE(text))
    await watched.rebuild()
    sizes.add(readFileSync(options.outfile!).length)
    expect(await host.invoke(options.outfile!, 'handler')).toMatchObject({ value: text })
    if (n === SETTLED) before = { listeners: listeners(), resources: resources() }
  })
  // The first copy of the runtime exports for all; of the others only the last is held, by the loader.
  expect(alive).toBeLessThanOrEqual(2)
  expect(sizes.size).toBe(1)
  expect({ listeners: listeners(), resources: resources() }).toEqual(before)
  expect(project.printed.filter((text) => text.includes('[unplugin-otel]'))).toHaveLength(1)
})

test.each(['webpack', 'rspack'])('%s: a bundle that is watched is loaded a hundred times', async (name) => {
  const builds = 20
  const { edit, built, host, outputOf, said } = await watch(name, {
    files: { 'src/index.js': SOURCE('edit-000') },
    format: 'cjs',
  })
  await built()
  const sizes = new Set<number>()
  let n = 0
  await compareReloads(host, async () => {
    // Each build is loaded five times.
    if (n++ % (RELOADS / builds) === 0) {
      const text = `edit-${String(n).padStart(3, '0')}`
      await edit('src/index.js', SOURCE(text), text)
      sizes.add(readFileSync(outputOf()).length)
    }
    return host.invoke(outputOf(), 'handler')
  })
  expect(sizes.size).toBe(1)
  expect(said()).toEqual([['handler:2']])
})

test.each(['esm', 'cjs'] as const)(
  'a host that nobody freezes, %s: one listener for all that was loaded',
  async (format) => {
    const project = createProject({ 'src/index.js': SOURCE('value') })
    const options = toOptions(project.folder, format, { platform: 'google-cloud-functions' })
    await build(options)
    const host = await startHost()
    const { listeners } = await compareReloads(host, () => host.invoke(options.outfile!, 'function'))
    expect(listeners['SIGTERM']).toBe(1)
  },
)

test('on Lambda: one registration, however often the function is loaded', async () => {
  const registrations: string[] = []
  const api = createServer((request, response) => {
    // The next event never comes.
    if (!request.url?.endsWith('/register')) return
    registrations.push(request.url)
    response.writeHead(200, { 'lambda-extension-identifier': 'one' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
  onTestFinished(() => void (api.close(), api.closeAllConnections()))
  const project = createProject({ 'src/index.js': SOURCE('value') })
  const options = toOptions(project.folder, 'esm', {})
  await build(options)
  const host = await startHost({
    AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${(api.address() as AddressInfo).port}`,
    _HANDLER: 'index.handler',
  })
  const { listeners } = await compareReloads(host, () => host.invoke(options.outfile!, 'handler'))
  expect(registrations).toEqual(['/2020-01-01/extension/register'])
  expect(listeners['SIGTERM']).toBe(1)
})

// The binary that tests run Bun's bundler with is the one for Linux on x64, as in test/bundlers/index.ts.
const hasBun = process.platform === 'linux' && process.arch === 'x64'

// Its bundler does not watch: `bun --watch` starts its process anew. https://bun.com/docs/runtime/watch-mode
test.runIf(hasBun)('bun: options that are built with again', () => {
  const { folder, read } = createProject({ 'src/index.js': SOURCE('value') })
  const binary = path.join(projects, 'bundlers/node_modules/@oven/bun-linux-x64/bin/bun')
  const outputOf = (times: number) => {
    const options = { enabled: true, report: false }
    const args = { entries: ['src/index.js'], outdir: 'dist', format: 'cjs', extension: 'cjs', options, times }
    buildInProcess(binary, path.join(projects, 'bundlers/bun-build.js'), { root: folder } as Build, args)
    return read('dist/index.cjs')
  }
  expect(outputOf(5)).toBe(outputOf(1))
})

test('esbuild: options that are built with again', async () => {
  const project = createProject({ 'src/index.js': SOURCE('value') })
  const options = { ...toOptions(project.folder, 'cjs', { report: false }), footer: { js: '// mine' } }
  await build(options)
  const first = readFileSync(options.outfile!, 'utf8')
  for (let n = 0; n < 5; n++) await build(options)
  expect(readFileSync(options.outfile!, 'utf8')).toBe(first)
})
