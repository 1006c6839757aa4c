/** What the build says it did, as text and as data. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import type { BuildCode } from '../../src/plugin/report/codes.ts'
import type { Diagnostic } from '../../src/plugin/report/diagnostic.ts'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createNews } from '../../src/plugin/report/news.ts'
import { createReport } from '../../src/plugin/report/report.ts'
import { createProject } from './project-facts.ts'

const SAM = { 'template.yaml': 'Type: AWS::Serverless::Function' }
const CODE = 'const a = 1\n\nexport const handler = () => a\n\nexport const main = 2\n'
const wrapped = [{ name: 'handler', kind: 'onEvent', line: 3, column: 14 }]
const miss = (code: BuildCode, why: string, name = 'main') => ({ code, name, line: 5, column: 14, why })
const nearMisses = [miss('UO108', 'not a function')]

function create(options: Options = {}, given: Parameters<typeof createProject>[0] = { files: SAM }) {
  const [resolved, project] = [resolveOptions(options), createProject(given)]
  return createReport(resolveBuild(resolved, project), resolved, project)
}

const link = (code: string) => `${code} https://unpkg.com/unplugin-otel/docs/errors.md#${code.toLowerCase()}`

test('platform and why, each handler, each near-miss with what to do, each note once', () => {
  const report = create()
  const note = { fact: 'callers wait', remedy: "Set format to 'esm'." }
  report.add('src/app.ts', { wrapped, nearMisses, notes: [note] }, CODE)
  report.add('src/b.ts', { wrapped: [], nearMisses: [miss('UO100', 'otel:ignore')], notes: [note] }, CODE)
  expect(report.finish()).toMatchObject({
    info: `[unplugin-otel] aws-lambda, node (template.yaml)
  wrapped  src/app.ts:3:14 handler (onEvent)
  left     src/app.ts:5:14 main: not a function
           UO108 What it is cannot be traced: change that, or silence this with /* otel:ignore */ before the export.
  left     src/b.ts:5:14 main: otel:ignore
  note     callers wait
           UO116 Set format to 'esm'.`,
    problem: undefined,
    isError: false,
  })
})

test('the module of functions, once for all that import it', () => {
  const report = create()
  const config = { file: '/orders/otel.config.ts', path: 'otel.config.ts', keys: ['onStart', 'headers'] as const }
  const other = { file: '/orders/b/otel.config.ts', path: 'b/otel.config.ts', keys: undefined }
  report.add('src/app.ts', { wrapped, nearMisses: [], config }, CODE)
  report.add('src/a.ts', { wrapped, nearMisses: [], config }, CODE)
  report.add('src/b.ts', { wrapped, nearMisses: [], config: other }, CODE)
  const { info, facts } = report.finish()
  expect(facts.configs).toEqual([
    { path: 'otel.config.ts', keys: ['onStart', 'headers'] },
    { path: 'b/otel.config.ts', keys: null },
  ])
  expect(info).toContain(
    '\n  config   otel.config.ts (onStart, headers)\n' +
      '  config   b/otel.config.ts (its keys are computed: all that it may have is bundled)',
  )
})

test('the verbose report also says what decided, and shows the source', () => {
  const report = create({ report: 'verbose' }, { files: SAM, dependencies: ['wrangler'] })
  report.add('src/app.ts', { wrapped, nearMisses }, CODE)
  expect(report.finish().info).toBe(`[unplugin-otel] aws-lambda, node (template.yaml)
  signal   file: template.yaml names aws-lambda
  signal   dependency: wrangler in package.json names cloudflare
  wrapped  src/app.ts:3:14 handler (onEvent)
  left     src/app.ts:5:14 main: not a function
             4 | 
           > 5 | export const main = 2
               |              ^
           UO108 What it is cannot be traced: change that, or silence this with /* otel:ignore */ before the export. ${link('UO108').slice(6)}`)
})

test('JSON is one line, beside the warning where there is one', () => {
  const report = create({ report: 'json' })
  report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
  const { info, facts, problem } = report.finish()
  expect([info!.split('\n').length, JSON.parse(info!), problem]).toEqual([1, facts, undefined])
  expect(facts).toEqual({
    version: 1,
    bundler: 'esbuild',
    configs: [],
    platform: 'aws-lambda',
    target: 'node',
    because: 'template.yaml',
    context: null,
    handlers: [{ path: 'src/app.ts', line: 3, column: 14, name: 'handler', kind: 'onEvent' }],
    diagnostics: [],
    isRestCached: false,
  })
  report.add('src/app.ts', { wrapped: [], nearMisses: [] }, CODE)
  const nothing = report.finish()
  expect(JSON.parse(nothing.info!).diagnostics).toMatchObject([{ code: 'UO101', severity: 'warning' }])
  expect(nothing.problem).toMatch(/^\[unplugin-otel\] nothing is wrapped: .*\n.*\nUO101 \S+$/)
})

test('report: false leaves the warnings', () => {
  const report = create({ report: false })
  report.add('src/app.ts', { wrapped, nearMisses }, CODE)
  expect(report.finish()).toMatchObject({ info: undefined, problem: undefined })
  report.add('src/app.ts', { wrapped: [], nearMisses: [] }, CODE)
  expect(report.finish().problem).toContain('nothing is wrapped')
})

test('under strict near-misses are errors, notes and what is ignored are not', () => {
  const report = create({ strict: true })
  report.add('src/app.ts', { wrapped, nearMisses, notes: [{ fact: 'callers wait', remedy: 'So.' }] }, CODE)
  expect(report.finish()).toMatchObject({
    isError: true,
    info: undefined,
    problem: expect.stringMatching(
      /^\[unplugin-otel\] src\/app\.ts:5:14 main: not a function\nWhat .*\n {2}4 \| \n> 5 \| export const main = 2\n {4}\| {14}\^\nUO108 .*\n\[unplugin-otel\] aws-lambda, node \(template\.yaml\)\n {2}wrapped .*\n {2}note /,
    ),
  })
  report.add('src/app.ts', { wrapped, nearMisses: [miss('UO100', 'otel:ignore')] }, CODE)
  expect(report.finish()).toMatchObject({ isError: false, problem: undefined })
})

test('a module that cannot be read is a warning that names file and position, whatever else is wrapped', () => {
  const report = create()
  report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
  report.add('src/b.ts', { wrapped: [], nearMisses: [miss('UO110', 'not parsed: Unexpected token', '*')] }, CODE)
  expect(report.finish().problem).toBe(`[unplugin-otel] src/b.ts:5:14 not parsed: Unexpected token
Nothing in it is wrapped. Correct it, or leave it out with exclude: ['src/b.ts'] in otel().
  4 | 
> 5 | export const main = 2
    |              ^
${link('UO110')}
[unplugin-otel] aws-lambda, node (template.yaml)
  wrapped  src/app.ts:3:14 handler (onEvent)`)
})

test('a module that is built again is reported once, as it is now', () => {
  const report = create()
  report.add('src/app.ts', { wrapped, nearMisses, notes: [{ fact: 'callers wait', remedy: 'So.' }] }, CODE)
  report.output([{ code: 'UO120', severity: 'warning', fact: 'no runtime', remedy: 'So.' }])
  expect(report.finish().problem).toContain('no runtime')
  report.add('src/app.ts', { wrapped: [{ name: 'main', kind: 'onEvent', line: 5, column: 10 }], nearMisses: [] }, CODE)
  report.output([])
  expect(report.finish().info?.split('\n').slice(1)).toEqual(['  wrapped  src/app.ts:5:10 main (onEvent)'])
})

const output = [
  { code: 'UO120', severity: 'warning', path: 'dist/app.mjs', fact: 'no runtime', remedy: 'So.' },
  { code: 'UO124', severity: 'near-miss', path: 'dist/app.mjs', fact: 'two copies', remedy: 'Thus.' },
] satisfies Diagnostic[]

test('what an output shows is said alone, and its data whole', () => {
  const finish = (options: Options, found: readonly Diagnostic[]) => {
    const report = create(options)
    report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
    report.output(found)
    const { info, problem, isError } = report.finishOutput(found)
    return { info, problem, isError }
  }
  const noRuntime = `[unplugin-otel] dist/app.mjs no runtime\nSo.\n${link('UO120')}`
  const copies = `[unplugin-otel] dist/app.mjs two copies\nThus.\n${link('UO124')}`
  const [, nearMiss] = output
  expect(finish({}, output)).toEqual({ info: undefined, problem: `${noRuntime}\n${copies}`, isError: false })
  expect(finish({}, [nearMiss!])).toEqual({ info: copies, problem: undefined, isError: false })
  expect(finish({ strict: true }, [nearMiss!])).toEqual({ info: undefined, problem: copies, isError: true })
  expect(finish({ report: false }, [nearMiss!])).toEqual({ info: undefined, problem: undefined, isError: false })
  const { info, problem } = finish({ report: 'json' }, output)
  expect(problem).toBe(noRuntime)
  expect(JSON.parse(info!)).toMatchObject({ handlers: [{ name: 'handler' }], diagnostics: output })
})

test('of a build that is watched what was said is not said again, of each output by itself', () => {
  const isNews = createNews()
  expect([
    isNews({ facts: 1 }),
    isNews({ facts: 2 }, 'cjs'),
    isNews({ facts: 1 }),
    isNews({ facts: 2 }, 'cjs'),
  ]).toEqual([true, true, false, false])
  expect([isNews({ facts: 3 }, 'cjs'), isNews({ facts: 1 }, 'es'), isNews({ facts: 1 })]).toEqual([true, true, false])
})

test('an entry that a persistent cache has is not missed', () => {
  expect(create().finish(true)).toMatchObject({ info: expect.stringContaining('\n  cached   '), problem: undefined })
  const report = create()
  report.add('src/app.ts', { wrapped: [], nearMisses }, CODE)
  expect(report.finish(true).problem).toContain('nothing is wrapped')
  expect(create({}, {}).finish(true).problem).toContain('nothing is wrapped')
})

const nothing = (options: Options, given: Parameters<typeof createProject>[0], misses: typeof nearMisses = []) => {
  const report = create(options, given)
  report.add('src/app.ts', { wrapped: [], nearMisses: misses }, CODE)
  const { facts } = report.finish()
  return facts.diagnostics.filter(({ severity }: Diagnostic) => severity === 'warning')
}
const worker = { 'wrangler.toml': "compatibility_flags = ['nodejs_als']" }

test.each<[string, BuildCode, string, string, ReturnType<typeof nothing>]>([
  [
    'nothing is there',
    'UO101',
    'looked for exports named handler, default, main, lambdaHandler in src/app.ts',
    "include: ['…']",
    nothing({}, { files: SAM }),
  ],
  [
    'no entry',
    'UO101',
    'handler, default, main, lambdaHandler, but esbuild tells no entries, as where they come from a function or stdin',
    "Name the modules of the handlers: include: ['src/app.js'] in otel(). https://docs.aws.amazon.com/",
    nothing({}, { files: SAM, bundler: { entries: [] } }),
  ],
  [
    'no entry, but include',
    'UO101',
    'lambdaHandler in src/*.ts, lib/a.ts',
    'Usually the handlers have other names',
    nothing({ include: ['src/*.ts', 'lib/a.ts'] }, { files: SAM, bundler: { entries: [] } }),
  ],
  [
    'members',
    'UO101',
    'objects and classes with fetch, scheduled, queue, email',
    'handlers',
    nothing({}, { files: worker }),
  ],
  [
    'no platform',
    'UO102',
    'no deploy file, dependency or CI variable',
    "Set platform: 'aws-lambda' or '",
    nothing({}, {}),
  ],
  [
    'browser',
    'UO103',
    'esbuild builds for the browser',
    "platform: 'node'",
    nothing({}, { files: SAM, bundler: { platform: 'browser' } }),
  ],
  [
    'two deploy files',
    'UO105',
    'template.yaml names aws-lambda, which was taken, but wrangler.toml names cloudflare',
    "'cloudflare'",
    nothing({}, { files: { ...SAM, ...worker } }),
  ],
  [
    'wrong platform',
    'UO106',
    "platform is 'cloudflare' in otel(), but template.yaml names aws-lambda",
    "Set platform: 'aws-lambda'",
    nothing({ platform: 'cloudflare' }, { files: SAM }),
  ],
  [
    'another name',
    'UO107',
    "'main' is a function, but looked for are exports named handler",
    "handlers: ['main']",
    nothing({}, { files: SAM }, [miss('UO107', 'a function')]),
  ],
  [
    'other names',
    'UO107',
    "'main', 'run' are functions",
    "handlers: ['main', 'run']",
    nothing({}, { files: SAM }, [miss('UO107', 'a function'), miss('UO107', 'a function', 'run')]),
  ],
  [
    'no function',
    'UO108',
    'nothing is wrapped: not a function',
    'What it is cannot be traced',
    nothing({}, { files: SAM }, nearMisses),
  ],
  [
    'exports in an ES module',
    'UO112',
    'nobody gets it',
    'Use export',
    nothing({}, { files: SAM }, [miss('UO112', 'nobody gets it')]),
  ],
])('of what is wrong one cause is named: %s', (_name, code, fact, remedy, warnings) => {
  expect(warnings).toMatchObject([
    { code, fact: expect.stringContaining(fact), remedy: expect.stringContaining(remedy) },
  ])
})

test.each<[string, BuildCode, string, Parameters<typeof createProject>[0]]>([
  [
    'two deploy files',
    'UO105',
    'template.yaml names aws-lambda, which was taken, but wrangler.toml names cloudflare',
    { files: { ...SAM, ...worker } },
  ],
  [
    'no AsyncLocalStorage',
    'UO111',
    'no AsyncLocalStorage (compatibility date 2026-07-01)',
    { files: { 'wrangler.toml': "compatibility_date = '2026-07-01'" } },
  ],
  [
    'sam build',
    'UO115',
    'sam build (template.yaml) bundles again',
    { files: { 'template.yaml': `${SAM['template.yaml']}\nMetadata:\n  BuildMethod: esbuild` } },
  ],
  [
    'serverless-webpack',
    'UO115',
    'serverless-webpack (serverless.yml) bundles again what esbuild makes',
    { files: { 'serverless.yml': 'provider: aws\nplugins: [serverless-webpack]' } },
  ],
])('a near-miss of the project: %s', (_name, code, fact, given) => {
  const report = create({}, given)
  report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
  const { facts, info } = report.finish()
  expect(facts.diagnostics).toMatchObject([{ code, severity: 'near-miss', fact: expect.stringContaining(fact) }])
  expect(info).toContain(`\n           ${code} `)
})

test.each<[string, string, string, string | undefined]>([
  ['in a line of YAML', 'serverless.yml', 'provider: aws\nplugins:\n  # - serverless-webpack\n', undefined],
  ['after a value', 'serverless.yml', "provider: 'aws' # no serverless-webpack\nplugins: []\n", undefined],
  [
    'beside what is used',
    'serverless.yml',
    'provider: aws\nplugins:\n  # - serverless-webpack\n  - serverless-esbuild\n',
    undefined,
  ],
  [
    'no comment, in quotes and in a word',
    'serverless.yml',
    `provider: aws\ndescription: don't use a#b, it's "one # two"\nplugins: ['# x', "#y", serverless-webpack]\n`,
    'serverless-webpack (serverless.yml)',
  ],
  ['of a template', 'template.yaml', `${SAM['template.yaml']}\n#  BuildMethod: esbuild`, undefined],
  [
    'in TypeScript',
    'serverless.ts',
    "export default { provider: 'aws' } as AWS // serverless-webpack\n/* serverless-bundle */\n",
    undefined,
  ],
  [
    'after a comment in TypeScript',
    'serverless.ts',
    "/* é */ const home = 'https://a.example' as string // No\nexport default { provider: 'aws', plugins: ['serverless-webpack'] }\n",
    'serverless-webpack (serverless.ts)',
  ],
])('a deploy tool that a comment names: %s', (_name, file, text, tool) => {
  const report = create({ platform: 'aws-lambda' }, { files: { [file]: text } })
  report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
  const found = report.finish().facts.diagnostics
  expect(found).toMatchObject(tool ? [{ code: 'UO115', fact: expect.stringContaining(tool) }] : [])
})

test('SST: what is commented out bundles nothing', () => {
  const said = (text: string) => {
    const report = create({ platform: 'aws-lambda' }, { files: { 'sst.config.ts': text } })
    report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
    return report.finish().facts.diagnostics.map(({ code }) => code)
  }
  const config = (line: string) => `export default $config({ async run() {\n${line}\n} })\n`
  expect(said(config("// new sst.aws.Function('Api', { handler: 'src/app.handler' })"))).toEqual([])
  expect(said(config("new sst.aws.Function('Api', { handler: 'src/app.handler' })"))).toEqual(['UO115'])
})

test('a tool that has the plugin in it bundles once', () => {
  const report = create({}, { files: { 'serverless.yml': 'provider: aws\nplugins: [serverless-esbuild]' } })
  report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
  expect(report.finish().facts.diagnostics).toEqual([])
})

test('of hundreds of near-misses the cause is found, and the rest counted', () => {
  const others = Array.from({ length: 30 }, (_, n) => miss('UO107', 'a function', `e${n}`))
  const report = create()
  report.add('src/app.ts', { wrapped: [], nearMisses: [...others, miss('UO108', 'not a function', 'handler')] }, CODE)
  const { facts } = report.finish()
  expect(facts.diagnostics[0]).toMatchObject({ code: 'UO108', name: 'handler', severity: 'warning' })
  expect(facts.diagnostics.at(-1)).toMatchObject({ code: 'UO107', severity: 'note', fact: '11 more' })
  report.add('src/app.ts', { wrapped: [], nearMisses: others }, CODE)
  const [named] = report.finish().facts.diagnostics
  expect(named!.fact).toContain("'e0', 'e1', 'e2', 'e3', 'e4', … are functions")
  expect(named!.remedy).toContain("handlers: ['…']")
  report.add(
    'src/app.ts',
    { wrapped: [], nearMisses: others.map((each) => ({ ...each, code: 'UO100' as const })) },
    CODE,
  )
  expect(report.finish().facts.diagnostics[0]).toMatchObject({ code: 'UO101' })
})

test('a name that is close to one that is looked for', () => {
  const report = create({ report: 'verbose' })
  report.add(
    'src/app.ts',
    { wrapped: [], nearMisses: [{ ...miss('UO107', 'a function', 'Handler'), names: ['main', 'handler'] }] },
    CODE,
  )
  expect(report.finish().problem).toContain(
    "\nIf it is a handler, rename it to handler, or add handlers: ['Handler'] to",
  )
})

test('how spans find their parents, where the platform decides', () => {
  const info = (text: string) => {
    const report = create({}, { files: { 'wrangler.toml': text } })
    report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
    return report.finish().info
  }
  expect(info(worker['wrangler.toml'])).toContain('\n  context  AsyncLocalStorage (nodejs_als)')
  expect(info("compatibility_date = '2026-07-01'")).toContain('until the first await (compatibility date 2026-07-01)')
})

test('handlers are counted where what registers them is imported', () => {
  const report = create({ platform: 'firebase' }, { dependencies: ['firebase-functions'] })
  const installed = [{ name: 'firebase-functions', kind: 'onRequest', line: 1, column: 1, redirects: true }]
  report.add('src/app.ts', { wrapped: installed, nearMisses: [] }, CODE)
  expect(report.finish().facts).toMatchObject({ handlers: [], diagnostics: [{ code: 'UO113', severity: 'warning' }] })
  report.redirect()
  expect(report.finish().facts).toMatchObject({ handlers: [{ name: 'firebase-functions' }], diagnostics: [] })
})

test('telemetry by hand, in the modules that an entry imports as well, is named where something is wrapped', () => {
  const root = mkdtempSync(join(tmpdir(), 'otel-report-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  mkdirSync(join(root, 'src'))
  writeFileSync(join(root, 'src/app.ts'), "import { chat } from './chat'\nexport const handler = () => chat()\n")
  const chat = `import { provider } from './telemetry'
export async function chat() {
  await provider.forceFlush()
}
`
  writeFileSync(join(root, 'src/chat.ts'), chat)
  const telemetry = `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
export const provider = new NodeTracerProvider()
provider.register()
`
  writeFileSync(join(root, 'src/telemetry.ts'), telemetry)
  const said = (dependencies: string[]) => {
    const report = create({}, { root, files: SAM, dependencies })
    report.add('src/app.ts', { wrapped, nearMisses: [] }, CODE)
    return report.finish()
  }
  expect(said(['@opentelemetry/sdk-trace-node'])).toMatchObject({
    problem: undefined,
    info: expect.stringMatching(
      /\n {2}obsolete src\/chat\.ts:3:3 await provider\.forceFlush\(\): harmless to leave;.*\n {11}UO117 /,
    ),
  })
  expect(said([]).facts.diagnostics).toEqual([])
})
