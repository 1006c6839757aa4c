/**
 * The README's table of bundlers, from the tests that passed in the last `npm run test:built`: they say with `ran()`
 * (test/ran.ts) what they have shown. Writes it, or with `--check` fails if the README says something else.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Ran } from '../test/ran.ts'

interface Row {
  /** As the tests call it. */
  readonly name: string
  readonly title: string
  readonly entry: string
  /** The folder of the package whose version was tested. */
  readonly installed: string
}

const root = resolve(import.meta.dirname, '..')
const projects = 'test/projects'
const bundlers = `${projects}/bundlers/node_modules`
const rows: readonly Row[] = [
  { name: 'vite', title: 'Vite', entry: 'vite', installed: 'node_modules/vite' },
  { name: 'esbuild', title: 'esbuild', entry: 'esbuild', installed: 'node_modules/esbuild' },
  { name: 'rollup', title: 'Rollup', entry: 'rollup', installed: `${bundlers}/rollup` },
  { name: 'webpack', title: 'webpack', entry: 'webpack', installed: `${bundlers}/webpack` },
  { name: 'rolldown', title: 'Rolldown', entry: 'rolldown', installed: `${bundlers}/rolldown` },
  { name: 'rspack', title: 'Rspack', entry: 'rspack', installed: `${bundlers}/@rspack/core` },
  { name: 'bun', title: 'Bun', entry: 'bun', installed: `${bundlers}/bun` },
  { name: 'farm', title: 'Farm', entry: 'farm', installed: `${projects}/farm/node_modules/@farmfe/core` },
  ...[16, 15].map((version) => ({
    name: `next-${version}`,
    title: `Next.js ${version}`,
    entry: 'next',
    installed: `${projects}/next-${version}/node_modules/next`,
  })),
  { name: 'sst', title: 'SST', entry: 'sst', installed: `${projects}/sst/node_modules/sst-linux-x64` },
  {
    name: 'serverless-esbuild',
    title: 'serverless-esbuild',
    entry: 'esbuild',
    installed: `${projects}/serverless/node_modules/serverless-esbuild`,
  },
]

/** By how many of the fixtures it was tested with. */
const TIERS: Readonly<Record<string, string>> = { all: '1', ten: '2' }
const HEAD = '| | import | tier | tested with | what ran |\n|---|---|---|---|---|\n'
const TABLE = /(?<=<!-- bundlers -->\n)[^]*?(?=<!-- \/bundlers -->)/

const readme = join(root, 'README.md')
const text = readFileSync(readme, 'utf8')
const written = TABLE.exec(text)?.[0] ?? ''
const all = readRan(join(root, '.cache/tests.json'))
const table = HEAD + rows.map((row) => `${render(row)}\n`).join('')

const isCheck = process.argv.includes('--check')
if (!isCheck)
  writeFileSync(
    readme,
    text.replace(TABLE, () => table),
  )
else if (table !== written) {
  console.error(
    `README.md: the bundlers table is not what the tests show; run \`npm run table\`. It would be\n${table}`,
  )
  process.exitCode = 1
}

function readRan(file: string): Ran[] {
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as {
    testResults: { assertionResults: { status: string; meta: { ran?: Ran[] } }[] }[]
  }
  const passed = testResults.flatMap(({ assertionResults }) => assertionResults).filter((it) => it.status === 'passed')
  return passed.flatMap(({ meta }) => meta.ran ?? [])
}

function render({ name, title, entry, installed }: Row): string {
  const ran = all.filter(({ bundler }) => bundler === name)
  // What has no binary for this machine is as it was.
  if (ran.length === 0 && !existsSync(join(root, installed))) return lineOf(title)
  const variants = (what: string) =>
    [...new Set(ran.filter((each) => each.what === what).flatMap(({ variant }) => variant ?? []))].toSorted()
  const whats = [...new Set(ran.map(({ what }) => what))].filter((what) => what !== 'fixtures')
  const cells = [
    title,
    `\`unplugin-otel/${entry}\``,
    TIERS[variants('fixtures').join()] ?? 'by its host',
    versionOf(installed),
    whats
      .toSorted((a, b) => a.localeCompare(b))
      .map((what) => (variants(what).length > 0 ? `${what} (${variants(what).join(', ')})` : what))
      .join(', '),
  ]
  return `| ${cells.join(' | ')} |`
}

function lineOf(title: string): string {
  return written.split('\n').find((line) => line.startsWith(`| ${title} |`)) ?? ''
}

/** Without the patch, which changes too often to be worth a change of the README. */
function versionOf(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return /^\d+\.\d+/.exec(version)![0]
}
