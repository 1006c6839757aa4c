/** Makes `docs/errors.md` from the codes in `src/plugin/`; with `--check` fails if it says something else. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildCodes } from '../src/plugin/report/build-codes.ts'
import type { Explained } from '../src/plugin/report/codes.ts'
import { runCodes } from '../src/plugin/report/run-codes.ts'

const FILE = join(resolve(import.meta.dirname, '..'), 'docs/errors.md')

/** @returns the page, as markdown */
export function errorsPage(): string {
  return [
    '# Messages',
    '',
    'Made by `npm run docs` from `src/plugin/report/build-codes.ts` and `run-codes.ts`. A code never means something else.',
    '',
    '```',
    '[unplugin-otel] <file>:<line>:<column> <what is the case>',
    '<what to do>',
    '<code> <link to this page>',
    '```',
    '',
    'Near-misses are in the report of the build; with `strict: true` they fail it, as warnings do.',
    '',
    '## Of the build',
    '',
    ...sections(buildCodes),
    '## Of the running function',
    '',
    'On stderr, each once a process.',
    '',
    ...sections(runCodes),
  ].join('\n')
}

function sections(codes: Readonly<Record<string, Explained>>): string[] {
  return Object.entries(codes).flatMap(([code, { title, cause, remedy }]) => [
    `<a id="${code.toLowerCase()}"></a>`,
    '',
    `### ${code}: ${title}`,
    '',
    cause,
    '',
    `→ ${remedy}`,
    '',
  ])
}

if (import.meta.main) {
  const page = errorsPage()
  if (!process.argv.includes('--check')) {
    mkdirSync(join(FILE, '..'), { recursive: true })
    writeFileSync(FILE, page)
  } else if (readFileSync(FILE, 'utf8') !== page) {
    console.error('docs/errors.md is not what the source says\nRun npm run docs.')
    process.exitCode = 1
  }
}
