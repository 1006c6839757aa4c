/** One build with the plugin and one without, of the same files: what came out, and what was said. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { repository, type Bundler } from '../bundlers/build.ts'
import { tier1, tier2, type Build } from '../bundlers/index.ts'
import { buildSilently } from '../bundlers/silent-build.ts'

const bundlers = { ...tier1, ...tier2 }

export type Files = Readonly<Record<string, string | Uint8Array>>

export interface Built {
  /** Undefined: it is built. */
  readonly error: string | undefined
  /** File → its bytes, as Latin-1. */
  readonly output: Readonly<Record<string, string>>
  /** Warnings and stderr. */
  readonly said: string
  readonly outdir: string
}

function scratch(parent = tmpdir()): string {
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'bad-input-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** @returns the folder; the entry is `src/index.ts` unless a build says otherwise */
export function createProject(files: Files): string {
  const folder = scratch(path.join(repository, '.cache'))
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'))
  const manifest = '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }'
  for (const [name, content] of Object.entries({ 'package.json': manifest, ...files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
  return folder
}

async function build(name: string, root: string, otel: Build['otel'], more: Partial<Build>): Promise<Built> {
  const outdir = scratch()
  let error: string | undefined
  const attempt: Bundler = (given) =>
    bundlers[name]!(given).catch((thrown: unknown) => {
      error = thrown instanceof Error ? thrown.message : String(thrown)
      return []
    })
  const entries = { index: path.join(root, 'src/index.ts') }
  const { said } = await buildSilently(attempt, { root, entries, outdir, format: 'esm', otel, ...more })
  const files = readdirSync(outdir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const read = ({ parentPath, name: file }: (typeof files)[number]) => {
    const at = path.join(parentPath, file)
    return [path.relative(outdir, at), readFileSync(at, 'latin1')] as const
  }
  return { error: error?.replaceAll(outdir, 'outdir'), output: Object.fromEntries(files.map(read)), said, outdir }
}

export async function buildBoth(name: string, root: string, more: Partial<Build> = {}) {
  return { plain: await build(name, root, false, more), wrapped: await build(name, root, {}, more) }
}

/** The names that an output exports, and what they are. */
export function exportsOf({ outdir }: Built): Record<string, string> {
  const script = path.join(outdir, 'describe.mjs')
  // Not `import()`: an export may be called `then`.
  const describe = 'Object.fromEntries(Object.keys(all).map((key) => ["_" + key, typeof all[key]]))'
  writeFileSync(script, `import * as all from './index.mjs'\nconsole.log(JSON.stringify(${describe}))`)
  return JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))
}
