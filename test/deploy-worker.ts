/** Builds a Worker with the built plugin and real Vite, and runs it in real workerd. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import otel, { type Options } from 'unplugin-otel/vite'
import { build } from 'vite'
import { onTestFinished } from 'vitest'
import { createJournal, type Journal } from './harness/journal.ts'
import { startReceiver, type Receiver } from './harness/otlp-receiver.ts'
import { ran } from './ran.ts'
import { startWorkerd, type WorkerdHost, type WorkerdOptions } from './harness/workerd-host.ts'

export interface DeployWorkerOptions extends Partial<WorkerdOptions> {
  /** `false`: the same build without the plugin. */
  otel?: Options | false
  receiver?: Parameters<typeof startReceiver>[0]
  /** The text of an `otel.config.ts` beside the source. */
  config?: string
  /** Takes what removes the build. @default onTestFinished */
  cleanUp?: (remove: () => void) => void
}

export interface WorkerDeployment {
  readonly journal: Journal
  readonly receiver: Receiver
  readonly worker: WorkerdHost
}

const root = path.resolve(import.meta.dirname, '..')

/** Bundles `source` (a file, or the text of one) into a folder that holds nothing else. */
export async function buildWorker(source: string, options: DeployWorkerOptions = {}): Promise<string> {
  const parent = path.join(root, '.cache')
  mkdirSync(parent, { recursive: true })
  const folder = mkdtempSync(path.join(parent, 'worker-'))
  const cleanUp = options.cleanUp ?? onTestFinished
  cleanUp(() => rmSync(folder, { recursive: true, force: true }))
  const isText = source.includes('\n')
  const main = isText ? path.join(folder, 'worker.ts') : source
  if (isText) writeFileSync(main, source)
  if (options.config) writeFileSync(path.join(folder, 'otel.config.ts'), options.config)
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }')
  const wrangler = {
    main,
    compatibility_date: options.compatibilityDate ?? '2026-07-01',
    compatibility_flags: options.compatibilityFlags ?? ['nodejs_als'],
  }
  writeFileSync(path.join(folder, 'wrangler.json'), JSON.stringify(wrangler))
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    plugins: options.otel === false ? [] : [otel({ enabled: true, report: false, ...options.otel })],
    build: {
      ssr: main,
      rolldownOptions: { external: [/^cloudflare:/], output: { entryFileNames: 'index.js' } },
    },
    ssr: { noExternal: true },
  })
  return path.join(folder, 'dist')
}

/** Builds, starts a collector and workerd; all of it ends with the test. */
export async function deployWorker(source: string, options: DeployWorkerOptions = {}): Promise<WorkerDeployment> {
  const { otel: _otel, config: _config, receiver: receiving, cleanUp: _cleanUp, ...workerd } = options
  const journal = createJournal()
  const receiver = await startReceiver({ journal, ...receiving })
  onTestFinished(() => receiver.stop())
  const worker = await startWorkerd({
    compatibilityFlags: ['nodejs_als'],
    journal,
    ...workerd,
    source: await buildWorker(source, options),
    // Through JSON: a variable that is undefined is none.
    vars: JSON.parse(JSON.stringify({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...workerd.vars })),
  })
  onTestFinished(() => worker.stop())
  if (options.otel !== false) ran('vite', 'Workers')
  return { journal, receiver, worker }
}
