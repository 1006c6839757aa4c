/** A project that a bundler watches, and a process that loads what it builds. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Options } from 'unplugin-otel/rollup'
import { onTestFinished } from 'vitest'
import { createBuilds, type Built } from './builds.ts'
import { startHost, type Host } from './host.ts'
import { createProject, type WatchedProject } from './project.ts'
import { outputOf, watchers } from './watchers.ts'

export interface Start {
  readonly files: Readonly<Record<string, string>>
  readonly otel?: Options
  readonly copies?: number
  readonly format?: 'esm' | 'cjs'
  /** @default the one of `src/index.js` */
  readonly entries?: readonly string[]
}

export interface Call {
  readonly value?: unknown
  /** The lines that the roots of its traces name. */
  readonly lines: readonly unknown[]
}

export interface Watching {
  readonly project: WatchedProject
  readonly host: Host
  outputOf(entry?: string): string
  /** Writes a file and waits for the output of that entry to contain the text. */
  edit(name: string, source: string, text: string, entry?: string): Promise<Built>
  /** Writes a file that cannot be built. */
  spoil(name: string, source: string): Promise<Built>
  /** Waits for the first build. */
  built(): Promise<Built>
  /** What was wrapped by each report since it was asked last, as `name:line`. */
  said(): string[][]
  call(name?: string, entry?: string): Promise<Call>
}

// webpack and Rspack mark what is said.
const isReport = (text: string) => /^(<i> )?\[unplugin-otel\]/.test(text) && !text.includes('nothing is wrapped')

export async function watch(name: string, start: Start): Promise<Watching> {
  const { files, otel = {}, copies = 1, format = 'esm', entries = ['index'] } = start
  const project = createProject(files)
  const builds = createBuilds()
  const build = {
    root: project.folder,
    entries: Object.fromEntries(entries.map((entry) => [entry, path.join(project.folder, `src/${entry}.js`)])),
    outdir: path.join(project.folder, 'dist'),
    format,
    otel,
    copies,
  }
  const stop = await watchers[name]!(build, builds)
  onTestFinished(async () => void (await stop()))
  const host = await startHost()
  const codeOf = (entry?: string) => {
    const file = outputOf(build, entry)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  const nothing = () => {}
  // With esbuild the plugin prints them itself.
  const takeWarnings = () => {
    const [warnings, rest] = [true, false].map((is) =>
      project.printed.filter((text) => text.includes('[WARNING]') === is),
    )
    project.printed.splice(0, Infinity, ...rest!)
    return warnings!
  }
  return {
    project,
    host,
    outputOf: (entry) => outputOf(build, entry),
    async edit(file, source, text, entry) {
      const write = () => project.write(file, source)
      write()
      const built = await builds.until(({ errors }) => errors.length === 0 && codeOf(entry).includes(text), write)
      return { ...built, warnings: [...built.warnings, ...takeWarnings()] }
    },
    spoil(file, source) {
      const write = () => project.write(file, source)
      write()
      return builds.until(({ errors }) => errors.length > 0, write)
    },
    built: () => builds.until(({ errors }) => errors.length === 0, nothing),
    said: () =>
      project.printed
        .splice(0)
        .filter(isReport)
        .map((text) =>
          Array.from(text.matchAll(/wrapped +src\/\w+\.js:(\d+):\d+ (\w+)/g), ([, line, of]) => `${of}:${line}`),
        ),
    async call(handler = 'handler', entry = 'index') {
      // Farm's modules are registered by their names for all of a process.
      const { receiver, invoke } = name === 'farm' ? await startHost() : host
      receiver.reset()
      const { value, names } = await invoke(outputOf(build, entry), handler)
      if (!names.includes(handler)) return { lines: [] }
      await receiver.waitForSpans(1, 10_000)
      // One that is wrapped twice has two, in one request.
      return { value, lines: receiver.spans.map(({ attributes }) => attributes['code.line.number']) }
    },
  }
}
