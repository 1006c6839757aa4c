/** Vite's dev server: what is edited is wrapped anew, once, and neither reloads nor restarts leave anything behind. */
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { ran } from './ran.ts'
import { API, globals, serve, SLOT, type Module } from './watch/dev-server.ts'

const wrapped = (text: string) =>
  Array.from(text.matchAll(/wrapped +src\/\w+\.js:(\d+):\d+ (\w+)/g), ([, line, of]) => `${of}:${line}`)
const handler = (text: string) => `export const handler = async () => '${text}'\n`
const other = (text: string) => `export const other = async () => '${text}'\n`

test('each edit is wrapped once, and said if it changes what is wrapped', async () => {
  const dev = await serve({ 'src/index.js': handler('first') }, { handlers: ['handler', 'other'] })
  const said = () => dev.said().map(wrapped)
  expect(await dev.call()).toEqual({ value: 'first', lines: [1] })
  expect(said()).toEqual([['handler:1']])
  await dev.edit('src/index.js', handler('body'))
  expect(await dev.call()).toEqual({ value: 'body', lines: [1] })
  expect(said()).toEqual([])
  await dev.edit('src/index.js', `\n${handler('moved')}`)
  expect(await dev.call()).toEqual({ value: 'moved', lines: [2] })
  expect(said()).toEqual([['handler:2']])
  await dev.edit('src/index.js', other('added') + handler('moved'))
  expect([await dev.call('other'), await dev.call()]).toMatchObject([{ lines: [1] }, { lines: [2] }])
  expect(said()).toEqual([['other:1', 'handler:2']])
  await dev.edit('src/index.js', other('kept'))
  expect(await dev.call('other')).toEqual({ value: 'kept', lines: [1] })
  expect(said()).toEqual([['other:1']])
  await dev.edit('src/index.js', 'export const other = async ( => 1\n')
  await expect(dev.load()).rejects.toThrow(/syntax|parse/i)
  expect(dev.said()).toEqual([expect.stringContaining('src/index.js:1:30 not parsed')])
  await dev.edit('src/index.js', other('mended'))
  expect(await dev.call('other')).toEqual({ value: 'mended', lines: [1] })
  expect(said()).toEqual([['other:1']])
  for (const text of ['renamed', 'again']) await dev.edit('src/index.js', `export const main = async () => '${text}'\n`)
  expect(dev.said()).toEqual([expect.stringContaining('nothing is wrapped')])
})

test.each(['star', 'through'])('the entry re-exports ./%s.js, and only the last module is edited', async (name) => {
  const files = {
    'src/index.js': `export * from './${name}.js'\n`,
    'src/through.js': "export * from './star.js'\n",
    'src/star.js': handler('first'),
  }
  const dev = await serve(files, { handlers: ['handler', 'other'] })
  expect(await dev.call()).toEqual({ value: 'first', lines: [1] })
  await dev.edit('src/star.js', other('renamed'))
  expect(await dev.call('other')).toEqual({ value: 'renamed', lines: [1] })
  expect(Object.keys(await dev.load())).toEqual(['other'])
  expect(dev.said().map(wrapped)).toEqual([['handler:1'], ['other:1']])
})

const SETTLED = 5
const WORKER = (text: string) => `export default { async fetch() { return new Response('${text}') } }\n`
const WRANGLER =
  'name = "w"\nmain = "src/index.js"\ncompatibility_date = "2026-07-01"\ncompatibility_flags = ["nodejs_als"]\n'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What would pile up in this process, which runs what the server loads. */
async function state() {
  for (let n = 0; n < 5; n++) {
    await turn()
    collectGarbage()
  }
  const { tracing, ...slot } = globals[SLOT]!
  return {
    listeners: process.eventNames().map((event) => [event, process.listenerCount(event)]),
    slot: Object.entries(slot).map(([key, value]) => [
      key,
      (value as { size?: number; length?: number } | undefined)?.size ?? (value as string | undefined)?.length,
    ]),
    isTracing: tracing !== undefined,
  }
}

describe.each([
  ['node', 100, { 'src/index.js': handler('000') }, handler],
  ['edge', 30, { 'src/index.js': WORKER('000'), 'wrangler.toml': WRANGLER }, WORKER],
] as const)('target %s', (target, reloads, files, source) => {
  async function callOnce(load: () => Promise<Module>): Promise<unknown> {
    const module = await load()
    if (target === 'node') return module['handler']!({}, {})
    const background: Promise<unknown>[] = []
    const worker = module['default'] as unknown as {
      fetch(request: Request, env: object, ctx: object): Promise<Response>
    }
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] }
    const response = await worker.fetch(new Request('http://localhost/'), env, {
      waitUntil: (work: Promise<unknown>) => void background.push(work),
    })
    const text = await response.text()
    await Promise.all(background)
    return text
  }

  test(`${reloads} reloads leave what one leaves`, async () => {
    const { load, edit, useRunner, receiver, said } = await serve(files)
    useRunner()
    const modules: WeakRef<object>[] = []
    const reload = async (n: number) => {
      const text = String(n).padStart(3, '0')
      await edit('src/index.js', source(text))
      modules.push(new WeakRef(await load()))
      expect(await callOnce(load)).toBe(text)
    }
    for (let n = 1; n <= SETTLED; n++) await reload(n)
    await receiver.waitForSpans(SETTLED, 10_000)
    const before = await state()
    const provider = globals[API]!.trace
    for (let n = SETTLED + 1; n <= reloads; n++) await reload(n)
    await receiver.waitForSpans(reloads, 10_000)
    expect(await state()).toEqual(before)
    expect(globals[API]!.trace).toBe(provider)
    expect(receiver.traces().map(({ roots }) => roots)).toMatchObject(
      Array.from({ length: reloads }, () => [{ children: [] }]),
    )
    // The last one, and one whose value the garbage collector still finds on the stack.
    expect(modules.filter((reference) => reference.deref()).length).toBeLessThanOrEqual(3)
    expect(said()).toHaveLength(1)
    ran('vite', 'watch')
  })

  test('ten restarts: what is wrapped is read again, and said if it is something else', async () => {
    const { load, server, project, receiver, said } = await serve(files)
    expect(await callOnce(load)).toBe('000')
    expect(said()).toHaveLength(1)
    const before = await state()
    for (let n = 1; n <= 10; n++) {
      await server.restart()
      expect(await callOnce(load)).toBe('000')
    }
    await receiver.waitForSpans(11, 10_000)
    expect(receiver.traces()).toHaveLength(11)
    expect(await state()).toEqual(before)
    expect(said()).toEqual([])
    if (target === 'edge') project.write('wrangler.toml', WRANGLER.replace('nodejs_als', ''))
    else project.write('template.yaml', 'Type: AWS::Serverless::Function\n')
    await server.restart()
    await load()
    expect(said()).toEqual([expect.stringContaining(target === 'edge' ? 'until the first await' : 'template.yaml')])
  })
})
