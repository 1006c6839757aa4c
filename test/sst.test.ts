/** SST: the plugin file behind the bridge of its CLI, whose Go half test/projects/sst/bridge.ts stands in for. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectAfterResponse, invoke, run, type Format } from './deploy.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'
import { ran } from './ran.ts'
import { buildFunction, isInstallable, readBridgeScript, root, type SstOptions } from './projects/sst/build.ts'

const FREEZES = 25
const text = isInstallable ? readBridgeScript() : ''
if (!isInstallable) console.warn('test/sst.test.ts is skipped: the bridge is taken from sst-linux-x64')

function scratch(): string {
  const parent = path.join(root, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'function-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

interface Built {
  readonly folder: string
  /** What the plugin printed. */
  readonly report: string
}

async function build(handler: string, options: Partial<SstOptions> & { otel?: string } = {}): Promise<Built> {
  const folder = scratch()
  const script = path.join(folder, 'plugin.mjs')
  writeFileSync(script, text)
  const { otel, ...rest } = options
  let plugins = './otel.mjs'
  if (otel !== undefined) {
    plugins = path.relative(root, path.join(folder, 'otel.mjs'))
    writeFileSync(path.join(root, plugins), otel)
  }
  const deployed = path.join(folder, 'deployed')
  let report = ''
  await buildFunction(handler, deployed, { script, plugins, onStderr: (part) => (report += part), ...rest })
  return { folder: deployed, report }
}

describe.skipIf(!isInstallable)('through plugin.mjs of the CLI', () => {
  test('it is the bridge that the plugin was written for', () => {
    expect(text).toContain('.test(msg.path)')
    expect(text).not.toContain('initialOptions')
    expect(text).not.toContain('onStart')
  })

  test('a configuration file is bundled through it', async () => {
    const hooks = path.join(scratch(), 'hooks.ts')
    writeFileSync(
      hooks,
      `import { defineConfig } from 'unplugin-otel/config'
      export default defineConfig({ onStart: (span, { platform }) => void span.setAttribute('hook', platform) })`,
    )
    const configFile = JSON.stringify(path.relative(root, hooks))
    const otel = `import { otel } from 'unplugin-otel/sst'\nexport default otel({ configFile: ${configFile} })\n`
    const { folder, report } = await build('src/orders.ts', { otel })
    expect(report).toMatch(/config {3}\.cache\/function-\w+\/hooks\.ts \(onStart\)/)
    const deployment = await run(folder, { lambda: { handler: 'bundle.handler' } })
    await invoke(deployment)
    expect(deployment.receiver.spans.find(({ kind }) => kind === 2)!.attributes['hook']).toBe('aws-lambda')
  })

  describe.each<Format>(['esm', 'cjs'])('%s', (format) => {
    test.each([false, true])(`${FREEZES} freezes, minify %s: lost 0, after the response`, async (minify) => {
      const { folder, report } = await build('src/orders.ts', { format, minify })
      expect(report).toContain('aws-lambda, node (sst.config.ts)')
      expect(report).toContain('wrapped  src/orders.ts:1:10 handler (onEvent)')
      expect(report).not.toContain('note')
      const deployment = await run(folder, { lambda: { handler: 'bundle.handler' } })
      for (let i = 0; i < FREEZES; i++) expect((await invoke(deployment)).text).toContain('"body":"done"')
      const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
      expect({ started, lost, duplicated }).toEqual({ started: FREEZES * 4, lost: [], duplicated: [] })
      expectAfterResponse(deployment)
      ran('sst', 'Lambda', format === 'esm' ? 'ESM' : 'CommonJS')
    })

    test('a handler that a file beside sst.config.ts names', async () => {
      const { folder, report } = await build('src/invoices.ts', { format })
      expect(report).toContain('wrapped  src/invoices.ts:1:14 list (onEvent)')
      const deployment = await run(folder, { lambda: { handler: 'bundle.list' } })
      expect((await invoke(deployment)).text).toBe('{"statusCode":200,"body":"[]"}')
      expect(deployment.receiver.spans).toHaveLength(1)
      expectAfterResponse(deployment)
    })

    test('a CommonJS handler: callers wait, and the build says so', async () => {
      const { folder, report } = await build('src/legacy.cjs', { format })
      expect(report).toContain('callers wait for the flush, because the handler is CommonJS')
      const deployment = await run(folder, { lambda: { handler: 'bundle.handler' } })
      for (let i = 0; i < 3; i++) await invoke(deployment)
      expect(deployment.receiver.spans).toHaveLength(3)
      expect(deployment.journal.of('extension-next')).toEqual([])
    })

    test.each([
      ['src/invoices.ts', 'list'],
      ['src/legacy.cjs', 'handler'],
    ])('imported elsewhere, %s: as before, and where `sst dev` is the runtime API', async (handler, name) => {
      const { folder } = await build(handler, { format })
      const file = JSON.stringify(path.join(folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs'))
      const program = `
        for (let n = 0; n < 2; n++) {
          const { then, default: whole = {}, ${name} = whole.${name} } = await import(${file})
          console.log(n === 0 ? typeof then : '', (await ${name}({}, { awsRequestId: '1' })).statusCode)
        }`
      for (const env of [{}, { AWS_LAMBDA_RUNTIME_API: 'localhost:1/lambda/worker', _HANDLER: `bundle.${name}` }]) {
        const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
          env: { PATH: process.env['PATH'], OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1', ...env },
        })
        expect(stdout).toBe('undefined 200\n 200\n')
      }
    })
  })

  test('code splitting', async () => {
    const { folder } = await build('src/orders.ts', { splitting: true })
    const deployment = await run(folder, { lambda: { handler: 'bundle.handler' } })
    await invoke(deployment)
    expect(deployment.receiver.spans).toHaveLength(4)
    expectAfterResponse(deployment)
  })

  test('source maps lead to the user file', async () => {
    const { folder } = await build('src/invoices.ts')
    const { sources } = JSON.parse(readFileSync(path.join(folder, 'bundle.mjs.map'), 'utf8'))
    const files = sources.map((source: string) => path.resolve(folder, source))
    expect(files).toContain(path.join(root, 'src/invoices.ts'))
  })

  test('options, and other plugins behind it', async () => {
    const { folder } = await build('src/orders.ts', {
      otel: `import { otel } from 'unplugin-otel/sst'
        export default [...otel({ serviceName: 'billing', report: false }), { name: 'other', setup() {} }]`,
    })
    expect(readFileSync(path.join(folder, 'bundle.mjs'), 'utf8')).toContain('"service.name": "billing"')
  })

  test("the report is in SST's log folder, once", async () => {
    const cwd = scratch()
    mkdirSync(path.join(cwd, '.sst/log'), { recursive: true })
    const { report } = await build('src/invoices.ts', { cwd })
    await build('src/invoices.ts', { cwd })
    expect(readFileSync(path.join(cwd, '.sst/log/unplugin-otel.log'), 'utf8')).toBe(report)
  })

  test("an export called then is the user's", async () => {
    const file = path.join(scratch(), 'thenable.ts')
    writeFileSync(file, 'export const handler = async () => ({ statusCode: 200 })\nexport const then = undefined\n')
    const { folder, report } = await build(file)
    expect(report).toContain("the module has an export 'then'")
    const deployment = await run(folder, { lambda: { handler: 'bundle.handler' } })
    await invoke(deployment)
    expect(deployment.receiver.spans).toHaveLength(1)
  })

  test('wrong options fail the build instead of hanging it', async () => {
    const otel = `import { otel } from 'unplugin-otel/sst'\nexport default otel({ serviceNam: 'x' })`
    await expect(build('src/orders.ts', { otel })).rejects.toThrow("Did you mean 'serviceName'?")
  })

  test('disabled: nothing is changed and nothing is said', async () => {
    const otel = `import { otel } from 'unplugin-otel/sst'\nexport default otel({ enabled: false })`
    const { folder, report } = await build('src/invoices.ts', { otel })
    expect(readFileSync(path.join(folder, 'bundle.mjs'), 'utf8')).not.toContain('otel')
    expect(report).toBe('')
  })
})
