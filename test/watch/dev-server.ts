/** Vite's dev server on a project in which a test edits, and what it loads, in this process. */
import path from 'node:path'
import otel, { type Options } from 'unplugin-otel/vite'
import { expect, onTestFinished, vi } from 'vitest'
import { createServer, createServerModuleRunner, isRunnableDevEnvironment, type ViteDevServer } from 'vite'
import { startReceiver } from '../harness/otlp-receiver.ts'
import { createViteLogger } from '../vite-logger.ts'
import { createProject } from './project.ts'

export const SLOT = Symbol.for('unplugin-otel.v1')
export const API = Symbol.for('opentelemetry.js.api.1')
export const globals = globalThis as { [SLOT]?: { tracing?: unknown }; [API]?: { trace?: object } }

export type Module = Record<string, ((...args: unknown[]) => Promise<unknown>) | undefined>

export async function serve(files: Readonly<Record<string, string>>, options: Options = {}) {
  // Of the process, and so of the server of the test before.
  delete globals[SLOT]
  delete globals[API]
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', receiver.url)
  onTestFinished(() => void vi.unstubAllEnvs())
  const project = createProject(files)
  const { printed, customLogger } = createViteLogger()
  const server: ViteDevServer = await createServer({
    root: project.folder,
    configFile: false,
    customLogger,
    plugins: [otel({ enabled: true, ...options })],
    build: { ssr: 'src/index.js' },
    server: { middlewareMode: true, ws: false },
    appType: 'custom',
  })
  onTestFinished(() => server.close())
  let load = (): Promise<Module> => server.ssrLoadModule('/src/index.js')
  return {
    receiver,
    project,
    server,
    load: () => load(),
    useRunner() {
      const { ssr } = server.environments
      if (!isRunnableDevEnvironment(ssr)) throw new Error('the environment cannot run what it loads')
      const runner = createServerModuleRunner(ssr)
      onTestFinished(() => runner.close())
      load = () => runner.import('/src/index.js')
    },
    /** Writes a file, tells the server as its watcher would, and waits for the module to be loaded anew. */
    async edit(name: string, text: string) {
      const before = await load().catch(() => undefined)
      project.write(name, text)
      server.watcher.emit('change', path.join(project.folder, name))
      const isNew = async () => expect((await load().catch(() => undefined)) !== before).toBe(true)
      await vi.waitFor(isNew, { timeout: 20_000, interval: 10 })
    },
    /** What was said since it was asked last. */
    said: () => printed.splice(0).filter((text) => text.includes('[unplugin-otel]')),
    async call(name = 'handler') {
      receiver.reset()
      const value = await (await load())[name]?.({}, {})
      await receiver.waitForSpans(1, 10_000)
      return { value, lines: receiver.spans.map(({ attributes }) => attributes['code.line.number']) }
    },
  }
}
