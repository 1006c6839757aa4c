/** `unplugin-otel explain` as it is installed, beside a real build of the same project. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { ExplainReport, BuildReport } from 'unplugin-otel'
import { expect, onTestFinished, test } from 'vitest'
import { platforms } from '../src/plugin/known-platforms.ts'

const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'dist/cli/index.js')
const env = { ...process.env, VITEST: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' }

/** In this repository, so that the package is found as it would be installed. */
function write(files: Record<string, string>): string {
  const parent = path.join(root, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'explain-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  return folder
}

function explain(cwd: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'explain', ...args], {
    cwd,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

const TEMPLATE = 'Type: AWS::Serverless::Function\nHandler: src/orders.run\n'

/** @param esbuild what differs from a build that has nothing to say */
function project(source: string, esbuild: string, files: Record<string, string> = { 'template.yaml': TEMPLATE }) {
  return write({
    ...files,
    'package.json': '{ "type": "module", "scripts": { "build": "node build.mjs" } }',
    'src/orders.ts': source,
    'build.mjs': `import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

await build({
  entryPoints: ['src/orders.ts'],
  bundle: true,
  outfile: 'dist/orders.mjs',
  plugins: [otel({ report: 'json' })],
  ${esbuild}
}).catch(() => {})
`,
  })
}

const NODE = "platform: 'node', format: 'esm'"
const HANDLER = 'export const run = async () => 1\n'

test.each<[string, string, Record<string, string>?]>([
  [HANDLER, NODE],
  [`${HANDLER}export const helper = () => 2\n`, NODE],
  ['export const go = async () => 1, stop = () => 2\n', NODE],
  ['export const run = 1\n', NODE],
  ["export * from './nothing'\n", `${NODE}, external: ['./nothing']`],
  [HANDLER, "format: 'esm'"],
  [HANDLER, "platform: 'node', format: 'cjs'"],
  [HANDLER, "platform: 'node', format: 'esm', target: 'es2021'"],
  [HANDLER, NODE, {}],
  [HANDLER, NODE, { 'template.yaml': TEMPLATE, 'otel.config.ts': 'export default { onStart() {} }\n' }],
  [HANDLER, NODE, { 'template.yaml': `${TEMPLATE}Metadata: { BuildMethod: esbuild }\n` }],
  ['export default { fetch: () => new Response() }\n', NODE, { 'wrangler.toml': 'main = "src/orders.ts"\n' }],
])('what it says of %j (%s) is what a build says', (source, esbuild, files) => {
  const folder = project(source, esbuild, files)
  // The summary is for people, and a line of JSON for tools.
  const built = spawnSync(process.execPath, ['build.mjs'], { cwd: folder, env: { ...env }, encoding: 'utf8' })
  const line = built.stderr.split('\n').find((each) => each.startsWith('{'))
  const build = JSON.parse(line!) as BuildReport
  const { status, stdout, stderr } = explain(folder, '--json', 'src/orders.ts')
  const { entries, plugin, signals, flush, batching, endpoint, bytes, ...report } = JSON.parse(stdout) as ExplainReport
  expect(report).toEqual(build)
  expect(stderr).toBe('')
  expect(status).toBe(build.diagnostics.some(({ severity }) => severity === 'warning') ? 1 : 0)
  // Without a platform there is nothing to look for.
  const read = build.platform ? ['src/orders.ts'] : []
  expect({ entries, plugin }).toMatchObject({ entries: read, plugin: { found: true, file: 'build.mjs' } })
  const known = build.platform ? 1 : 0
  const won = signals.filter((each) => each.won)
  expect([won, flush, bytes].map(({ length }) => length)).toEqual([known, known, known])
  expect(batching === null).toBe(known === 0)
  expect(endpoint.chain).toHaveLength(4)
})

test('the bytes are measured by the build, and are those of the README', () => {
  const { sizes } = JSON.parse(readFileSync(path.join(root, 'dist/plugin/bytes.json'), 'utf8'))
  const targets = platforms.flatMap(({ id, hosts }) => Object.keys(hosts).map((target) => `${id}/${target}`))
  expect(Object.keys(sizes).toSorted()).toEqual(
    targets.flatMap((name) => ['json', 'protobuf'].map((encoding) => `${name}/${encoding}`)).toSorted(),
  )
  for (const { floor, ours } of Object.values<{ floor: number; ours: number }>(sizes)) {
    expect(floor).toBeGreaterThan(11_000)
    expect(floor).toBeLessThan(15_000)
    expect(ours).toBeGreaterThan(3000)
    expect(ours).toBeLessThan(11_000)
  }
  const { stdout } = explain(project(HANDLER, NODE))
  expect(stdout).toContain('a function that does nothing: ')
  const [total, floor] = Array.from(stdout.matchAll(/([\d.]+) kB/g), ([, kilobytes]) => kilobytes)
  expect(readFileSync(path.join(root, 'README.md'), 'utf8')).toContain(`${total} kB gzip, of which ${floor} kB`)
})

test('exit codes: 1 after a warning, for wrong options, 2 for a wrong command line', () => {
  const folder = project('export const go = async () => 1\n', NODE)
  expect(explain(folder).status).toBe(1)
  const wrong = explain(folder, '--options', '{ "protocol": "grpc" }')
  expect([wrong.status, wrong.stdout, wrong.stderr]).toEqual([1, '', expect.stringContaining('\nUO131 ')])
  expect(explain(folder, '--options', '{ "handlers": ["go"] }').status).toBe(0)
  expect([explain(folder, '--jsn').status, explain(folder, 'nope.ts').status]).toEqual([2, 2])
  expect(execFileSync(process.execPath, [bin, '--help'], { encoding: 'utf8' })).toContain('  explain ')
})
