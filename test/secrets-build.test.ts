/** Credentials at build time: none in what a build or a command says, in an output, or in its source map. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')

/** `s3cr3t` is in the surroundings of the code, `c0ded` is written in it: that has to be in the output, too. */
const ENV = {
  OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:s3cr3t@collector.example/s3cr3t?api_key=s3cr3t',
  OTEL_EXPORTER_OTLP_HEADERS: 'x-api-key=s3cr3t',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'Authorization: Bearer s3cr3t',
  OTEL_RESOURCE_ATTRIBUTES: 'team=checkout,token=s3cr3t',
  AWS_SECRET_ACCESS_KEY: 's3cr3t',
  CLOUDFLARE_API_TOKEN: 's3cr3t',
}
const DOTENV = Object.entries(ENV)
  .map((pair) => pair.join('='))
  .join('\n')

const CODE = `
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
export const processor = new BatchSpanProcessor(new OTLPTraceExporter({ headers: { 'x-api-key': 'c0ded' } }))
export const processor2 = new BatchSpanProcessor(new OTLPTraceExporter({ url: \`https://u:c0ded@h?t=\${'c0ded'}\` }))
`
const FILES = {
  'package.json': JSON.stringify({
    type: 'module',
    scripts: { start: 'OTEL_EXPORTER_OTLP_HEADERS=x=s3cr3t node dist/app.js', deploy: 'KEY=s3cr3t sst deploy' },
    devDependencies: {
      'unplugin-otel': '1',
      '@opentelemetry/sdk-trace-base': '2',
      '@opentelemetry/exporter-trace-otlp-http': '0.200.0',
    },
  }),
  '.env': DOTENV,
  '.env.production': DOTENV,
  '.dev.vars': DOTENV,
}
const LAMBDA = {
  ...FILES,
  'template.yaml': `Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: dist/
      Handler: app.handler
      Environment: { Variables: { OTEL_EXPORTER_OTLP_HEADERS: x-api-key=s3cr3t } }
`,
  Dockerfile: 'ENV OTEL_EXPORTER_OTLP_HEADERS=x=s3cr3t\nCMD ["node", "dist/app.js", "--key=s3cr3t"]\n',
  'src/app.ts': `${CODE}export const handler = async () => 'ok'\n`,
  'src/other.ts': "/* 'c0ded' */ export const handler = { apiKey: 'c0ded' }\n",
  'build.mjs': `import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'
for (const options of [{}, { report: 'verbose' }, { report: 'json' }, { debug: true }, { strict: true }]) {
  await build({
    entryPoints: ['src/app.ts', 'src/other.ts'], bundle: true, platform: 'node', format: 'esm', outdir: 'dist', sourcemap: true,
    external: ['@opentelemetry/sdk-trace-base', '@opentelemetry/exporter-trace-otlp-http'],
    plugins: [otel({ enabled: true, ...options })],
  }).catch(({ message }) => console.error(message))
}
for (const wrong of ['s3cr3t', { apiKey: 's3cr3t' }, { environment: process.env }, { headers: { key: 's3cr3t' } }])
  try { await build({ entryPoints: ['src/app.ts'], write: false, plugins: [otel(wrong)] }) } catch ({ message }) { console.error(message) }
`,
}
const WORKER = {
  ...FILES,
  'wrangler.jsonc': `{
    "main": "src/app.ts",
    "compatibility_date": "2026-07-01",
    "vars": { "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=s3cr3t" },
    "env": { "staging": { "vars": { "KEY": "s3cr3t" } } }
  }`,
  'src/app.ts': `${CODE}export default { fetch: () => new Response('ok') }\n`,
  'build.mjs': `import otel from 'unplugin-otel/vite'
import { build } from 'vite'
for (const options of [{}, { report: 'verbose' }, { report: 'json' }, { debug: true }])
  await build({
    configFile: false, logLevel: 'info', plugins: [otel({ enabled: true, ...options })], ssr: { noExternal: true },
    build: { ssr: 'src/app.ts', sourcemap: true, rolldownOptions: { external: [/^@opentelemetry\\/(sdk|exporter)/] } },
  })
`,
  'vite.config.ts': `import otel from 'unplugin-otel/vite'\nexport default { plugins: [otel()] }\n`,
}

function write(files: Readonly<Record<string, string>>): string {
  mkdirSync(path.join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(root, '.cache/secrets-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  // What is above it is another repository.
  mkdirSync(path.join(folder, '.git'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return folder
}

async function run(folder: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  await once(child, 'close')
  return output
}

const CLI = path.join(root, 'dist/cli/index.js')

test.each([
  ['Lambda, esbuild', LAMBDA, 'aws-lambda'],
  ['Worker, Vite', WORKER, 'cloudflare'],
])('%s: nothing that is said, written or explained has one', async (_, files, platform) => {
  const folder = write(files)
  const built = await run(folder, ['build.mjs'], { DEBUG: 'unplugin-otel*' })
  expect(built).toContain(`[unplugin-otel] ${platform}`)
  // They are what is said.
  expect(built).toMatch(/obsolete.*new BatchSpanProcessor\(new OTLPTraceExporter\(\{ headers: \{ 'x-api-key': '\*+'/)
  if (platform === 'aws-lambda') {
    expect(built).toMatch(/export const handler = \{ apiKey: '\*+' \}/)
    expect(built).toMatch(/UO132.*UO130.*UO131.*UO130/s)
  }
  expect(built).not.toMatch(/s3cr3t|c0ded/)
  const outputs = readdirSync(path.join(folder, 'dist'))
  expect(outputs.some((name) => name.endsWith('.map'))).toBe(true)
  for (const name of outputs) expect(readFileSync(path.join(folder, 'dist', name), 'utf8')).not.toContain('s3cr3t')

  for (const args of [['explain'], ['explain', '--json'], ['migrate'], ['migrate', '--all']]) {
    const said = await run(folder, [CLI, ...args])
    expect(said).toMatch(args[0] === 'explain' ? platform : /new BatchSpanProcessor/)
    expect(said, args.join(' ')).not.toMatch(/s3cr3t|c0ded/)
  }
})
