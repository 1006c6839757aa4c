/** Builds a handler with the built plugin and real esbuild, and runs it under the emulated platform. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build, type BuildOptions } from 'esbuild'
import otel, { type Options } from 'unplugin-otel/esbuild'
import { expect, onTestFinished } from 'vitest'
import { createJournal, type Journal } from './harness/journal.ts'
import { startLambda, type ExternalExtension, type LambdaHost, type LambdaOptions } from './harness/lambda-host.ts'
import { ran } from './ran.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'

export type Format = 'esm' | 'cjs'

export interface Deployment {
  readonly journal: Journal
  readonly receiver: Receiver
  readonly lambda: LambdaHost
  /** Where the function notes the spans it starts. */
  readonly ledger: string
  readonly folder: string
}

export interface DeployOptions {
  format?: Format
  /** `false`: the same build without the plugin. */
  otel?: Options | false
  esbuild?: BuildOptions
  receiver?: Parameters<typeof startReceiver>[0]
  lambda?: Partial<LambdaOptions>
  /** A collector extension on that port, which asks for its next event at once or after that many milliseconds. */
  forwarder?: { port: number; askNext: string }
  /** A project's folder: the function's source is written there, so that its node_modules count. */
  project?: string
  /** The text of an `otel.config.ts` beside an inline source. */
  config?: string
  /** Extension of an inline source. @default 'ts' */
  extension?: string
  /** Takes what removes the build. @default onTestFinished */
  cleanUp?: (remove: () => void) => void
}

const root = path.resolve(import.meta.dirname, '..')
export const functions = path.join(root, 'test/functions')

/** Bundles `source` (a file, or the text of one) into a folder that holds nothing else. */
export async function buildFunction(source: string, options: DeployOptions = {}): Promise<string> {
  const format = options.format ?? 'esm'
  const parent = path.join(options.project ?? root, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'function-'))
  const cleanUp = options.cleanUp ?? onTestFinished
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  let entry = source
  if (source.includes('\n')) {
    entry = path.join(folder, `source.${options.extension ?? 'ts'}`)
    writeFileSync(entry, source)
  }
  if (options.config) writeFileSync(path.join(folder, 'otel.config.ts'), options.config)
  const deployed = path.join(folder, 'deployed')
  await build({
    absWorkingDir: options.project ?? root,
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node22',
    format,
    outfile: path.join(deployed, format === 'esm' ? 'index.mjs' : 'index.cjs'),
    plugins: options.otel === false ? [] : [otel({ enabled: true, report: false, ...options.otel })],
    logLevel: 'error',
    ...options.esbuild,
  })
  return deployed
}

/** Builds, starts a collector and the platform; all of it ends with the test. */
export async function deploy(source: string, options: DeployOptions = {}): Promise<Deployment> {
  if (options.otel !== false) ran('esbuild', 'Lambda', options.format === 'cjs' ? 'CommonJS' : 'ESM')
  return run(await buildFunction(source, options), options)
}

export async function run(folder: string, options: DeployOptions = {}): Promise<Deployment> {
  const journal = createJournal()
  const receiver = await startReceiver({ journal, ...options.receiver })
  onTestFinished(() => receiver.stop())
  const ledger = path.join(folder, 'ledger.jsonl')
  const lambda = await startLambda({
    taskRoot: folder,
    handler: 'index.handler',
    journal,
    ...(options.forwarder && { externalExtensions: [collectorExtension(options.forwarder, receiver.url)] }),
    ...options.lambda,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, LEDGER_FILE: ledger, ...options.lambda?.env },
  })
  onTestFinished(() => lambda.stop())
  return { journal, receiver, lambda, ledger, folder }
}

/** Invokes and waits until the environment is frozen again. */
export async function invoke(
  { lambda }: Deployment,
  event: unknown = {},
  options?: Parameters<LambdaHost['invoke']>[1],
) {
  const result = await lambda.invoke(event, options)
  await result.finished
  return result
}

/** Each invocation's export begins when the caller has its answer: the extension is registered. */
export function expectAfterResponse({ journal }: Deployment): void {
  const types = journal.entries.map(({ type }) => type)
  const responses = types.flatMap((type, at) => (type === 'response-last-byte' ? [at] : []))
  const exports = types.flatMap((type, at) => (type === 'otlp-first-byte' ? [at] : []))
  expect(exports).toHaveLength(responses.length)
  exports.forEach((at, n) => expect(at, types.join(' ')).toBeGreaterThan(responses[n]!))
}

function collectorExtension(
  { port, askNext }: NonNullable<DeployOptions['forwarder']>,
  forwardTo: string,
): ExternalExtension {
  const env = { FORWARDER_PORT: String(port), FORWARD_TO: forwardTo, ASK_NEXT: askNext }
  return {
    name: 'collector',
    command: process.execPath,
    args: [path.join(root, 'test/harness/external-extension.mjs'), 'collector'],
    env,
  }
}
