/** Builds fixtures with one bundler, and has what came out of it invoked by a process of its own. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Bundler } from '../bundlers/build.ts'
import { buildSilently } from '../bundlers/silent-build.ts'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { fixturePath } from '../plugin/facts.ts'
import type { Task } from './invoke.ts'
import { readMapped } from './maps.ts'
import type { FixtureProject } from './project.ts'
import { toSections } from './trace.ts'

const run = promisify(execFile)

export interface Built extends FixtureProject {
  readonly bundler: Bundler
  readonly isWrapped: boolean
}

/** @returns what a caller sees of each fixture, where its source maps lead, and the spans that arrived for it */
export async function buildAndInvoke(project: Built) {
  const { platform, root, files } = project
  const { outdir, outputs } = await build(project)
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  const task: Task = { platform, outputs, result: path.join(mkdtempSync(path.join(root, 'result-')), 'described.json') }
  const env = {
    PATH: process.env['PATH'],
    // As on Lambda: flushed before the process may be frozen. No extension, because no handler is named as deployed.
    AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  }
  const script = path.join(import.meta.dirname, 'invoke.ts')
  await run(process.execPath, ['--enable-source-maps', script, JSON.stringify(task)], { env })
  const described: Record<string, unknown> = JSON.parse(readFileSync(task.result, 'utf8'))
  const fixtures = new Map(files.map((file) => [fixturePath(platform, file), file]))
  return { described, mapped: readMapped(outdir), sections: toSections(receiver.spans, fixtures) }
}

export async function build({ bundler, platform, root, format, files, isWrapped }: Built) {
  const outdir = mkdtempSync(path.join(root, 'built-'))
  const name = (file: string) => path.parse(file).name
  const entries = Object.fromEntries(files.map((file) => [name(file), path.join(root, fixturePath(platform, file))]))
  const { output } = await buildSilently(bundler, {
    root,
    entries,
    outdir,
    format,
    sourcemap: true,
    // A busy machine must not make a flush late.
    otel: isWrapped && { flush: { budgetMs: 20_000 }, ...(platform === 'nextjs' && { platform }) },
  })
  const outputs = Object.fromEntries(files.map((file) => [file, output(name(file))]))
  return { outdir, outputs }
}
