/**
 * Twelve set-ups that leave people without spans. Each produces one message, which names the cause and the fix: found
 * by its code, in all that a build, a function, or `explain` prints.
 */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deploy, functions, invoke } from './deploy.ts'
import { createFolder, messagesIn, runNode, type Ended } from './setups/run.ts'

const SAM = { 'template.yaml': 'Type: AWS::Serverless::Function\n' }
const HANDLER = 'export const handler = async () => 1\n'

const esbuild = (options = '', entry = 'src/app.ts', before = '') => `
import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
await build({
  entryPoints: ['${entry}'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  allowOverwrite: true,
  plugins: [${before}otel(${options})],
})
`
const build = (files: Record<string, string>, env?: Record<string, string>): Promise<Ended> =>
  runNode(createFolder({ ...SAM, ...files }), ['build.mjs'], env)

/** A plugin before ours that keeps modules outside, as those for `node_modules` do. */
const outside = (filter: RegExp, importer: RegExp) => `{
    name: 'outside',
    setup: ({ onResolve }) => onResolve({ filter: ${filter} }, ({ path, importer }) =>
      ${importer}.test(importer) ? { path, external: true } : undefined),
  }, `

interface SetUp {
  readonly code: string
  readonly cause: string
  readonly fix: string
  /** @default 0 */
  readonly status?: number
  run(): Promise<Ended>
}

const setUps: Readonly<Record<string, SetUp>> = {
  'plugin missing': {
    code: 'UO140',
    cause: 'nothing is wrapped: vite.config.js does not use the plugin',
    fix: "import otel from 'unplugin-otel/vite'",
    status: 1,
    run: () => {
      const files = { ...SAM, 'src/handler.ts': HANDLER, 'vite.config.js': 'export default { build: { ssr: true } }\n' }
      return runNode(createFolder(files), [join(import.meta.dirname, '../dist/cli/index.js'), 'explain'])
    },
  },
  'external runtime': {
    code: 'UO123',
    cause: 'dist/app.mjs imports unplugin-otel/runtime',
    fix: 'Take unplugin-otel out of what',
    run: () => build({ 'src/app.ts': HANDLER, 'build.mjs': esbuild('', 'src/app.ts', outside(/^unplugin-otel/, /./)) }),
  },
  'two APIs': {
    code: 'UO124',
    cause: 'dist/app.mjs contains @opentelemetry/api and imports another',
    fix: 'Take @opentelemetry/api out of what',
    run: () => {
      const source = "import { trace } from '@opentelemetry/api'\nexport const handler = () => trace.getActiveSpan()\n"
      const before = outside(/^@opentelemetry.api$/, /app\.ts$/)
      return build({ 'src/app.ts': source, 'build.mjs': esbuild('', 'src/app.ts', before) })
    },
  },
  'wrong platform': {
    code: 'UO106',
    cause: "platform is 'cloudflare' in otel(), but template.yaml names aws-lambda",
    fix: "Set platform: 'aws-lambda'",
    run: () => build({ 'src/app.ts': HANDLER, 'build.mjs': esbuild("{ platform: 'cloudflare' }") }),
  },
  'handler under another name': {
    code: 'UO107',
    cause: "src/app.ts:1:23 nothing is wrapped: 'placeOrder' is a function, but looked for are exports named handler",
    fix: "handlers: ['placeOrder']",
    run: () => build({ 'src/app.ts': 'export async function placeOrder() {}\n', 'build.mjs': esbuild() }),
  },
  'test runner': {
    code: 'UO104',
    cause: 'off: VITEST is set',
    fix: 'enabled: true',
    run: () => build({ 'src/app.ts': HANDLER, 'build.mjs': esbuild() }, { VITEST: 'true' }),
  },
  'client build': {
    code: 'UO103',
    cause: 'vite builds the client environment for browsers',
    fix: 'vite build --ssr src/handler.ts',
    run: () =>
      runNode(
        createFolder({
          ...SAM,
          'index.html': '<script type="module" src="./src/app.ts"></script>',
          'src/app.ts': HANDLER,
          'vite.config.js': "import otel from 'unplugin-otel/vite'\nexport default { plugins: [otel()] }\n",
        }),
        [join(import.meta.dirname, '../node_modules/vite/bin/vite.js'), 'build'],
      ),
  },
  'CommonJS with import': {
    code: 'UO112',
    cause: 'src/app.ts:2:9 handler: nothing is wrapped: assigned to `exports` in an ES module, so nobody gets it',
    fix: 'export const handler',
    run: () =>
      build({
        'src/app.ts': "import { EOL } from 'node:os'\nexports.handler = async () => EOL\n",
        'build.mjs': esbuild(),
      }),
  },
  're-bundled output': {
    code: 'UO114',
    cause: 'built with unplugin-otel before',
    fix: 'the last one',
    async run() {
      const files = { 'first.mjs': esbuild(), 'second.mjs': esbuild('', 'dist/app.mjs') }
      const folder = createFolder({ ...SAM, 'src/app.ts': HANDLER, ...files })
      await runNode(folder, ['first.mjs'])
      return runNode(folder, ['second.mjs'])
    },
  },
  'zero handlers': {
    code: 'UO101',
    cause: 'nothing is wrapped: looked for exports named handler, default, main, lambdaHandler in src/app.ts',
    fix: "handlers: ['…']",
    run: () => build({ 'src/app.ts': 'export const table = {}\n', 'build.mjs': esbuild() }),
  },
  'wrong endpoint port': {
    code: 'UO203',
    cause: 'gRPC is not supported',
    fix: 'set OTEL_EXPORTER_OTLP_ENDPOINT to the HTTP port, 4318',
    run: () => runFunction({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4317' }),
  },
  'no endpoint': {
    code: 'UO201',
    cause: 'tracing is off',
    fix: 'set OTEL_EXPORTER_OTLP_ENDPOINT',
    run: () => runFunction({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }),
  },
}

/** Twice: what is said once a process must not come again. */
async function runFunction(env: Record<string, string>): Promise<Ended> {
  const deployment = await deploy(join(functions, 'work.ts'), { lambda: { env } })
  for (let i = 0; i < 2; i++) expect((await invoke(deployment)).text).toContain('done')
  return { printed: deployment.lambda.output, code: 0, folder: deployment.folder }
}

test.each(Object.entries(setUps))('%s: one message, with the cause and the fix', async (_name, setUp) => {
  const { printed, code } = await setUp.run()
  expect(messagesIn(printed)).toEqual([setUp.code])
  expect(printed.replace(/\s+/g, ' ')).toContain(setUp.cause)
  expect(printed.replace(/\s+/g, ' ')).toContain(setUp.fix)
  expect(code).toBe(setUp.status ?? 0)
})
