/** `explain` in this process, over projects on the disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { onTestFinished } from 'vitest'
import { explain } from '../../src/cli/explain.ts'
import type { ExplainReport } from '../../src/plugin/explain-report.ts'

export type Files = Readonly<Record<string, string | object>>

/** A repository of its own: nothing above it is read. */
function write(files: Files): string {
  const root = mkdtempSync(join(tmpdir(), 'explain-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, '.git'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

export async function run(files: Files, args: string[] = [], { env = {}, below = '' } = {}) {
  const stdout = new PassThrough()
  const exit = await explain(args, { stdout, folder: join(write(files), below), env })
  return { exit, text: String(stdout.read()) }
}

export async function report(files: Files, args: string[] = [], more = {}): Promise<ExplainReport & { exit: number }> {
  const { exit, text } = await run(files, ['--json', ...args], more)
  return { ...(JSON.parse(text) as ExplainReport), exit }
}

export const codes = ({ diagnostics }: ExplainReport) => diagnostics.map(({ code }) => code)

const SAM = `Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: dist/, Handler: app.run }
`
export const BUILD = `import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

await build({ entryPoints: ['src/app.ts'], bundle: true, platform: 'node', format: 'esm', outdir: 'dist', plugins: [otel()] })
`
export const LAMBDA = {
  'package.json': { scripts: { build: 'node build.mjs' }, devDependencies: { wrangler: '4' } },
  'build.mjs': BUILD,
  'template.yaml': SAM,
  'src/app.ts': 'export const run = async () => 1\n',
}
export const WORKER = {
  'package.json': { devDependencies: { '@cloudflare/vite-plugin': '1' } },
  'vite.config.ts': `import { cloudflare } from '@cloudflare/vite-plugin'
import otel from 'unplugin-otel/vite'
export default { plugins: [otel(), cloudflare()] }
`,
  'wrangler.jsonc': '{ "main": "src/index.ts", /* a comment */ "compatibility_flags": ["nodejs_als"] }',
  'src/index.ts': 'export default { fetch: () => new Response() }\n',
}
export const NEXT = {
  'package.json': { dependencies: { next: '16' } },
  'next.config.ts': `import { withOtel } from 'unplugin-otel/next'\nexport default withOtel({ pageExtensions: ['tsx', 'api.ts'] })\n`,
  'app/route.api.ts': 'export const GET = () => new Response()\n',
  'src/app/edge/route.tsx': `export const runtime = 'edge'\nexport const POST = () => new Response()\n`,
  'app/page.tsx': 'export default () => null\n',
}
