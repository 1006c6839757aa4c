/** The watch modes of the bundlers, in one form for all of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { context } from 'esbuild'
import esbuildOtel from 'unplugin-otel/esbuild'
import rolldownOtel from 'unplugin-otel/rolldown'
import rollupOtel from 'unplugin-otel/rollup'
import rspackOtel from 'unplugin-otel/rspack'
import viteOtel from 'unplugin-otel/vite'
import webpackOtel from 'unplugin-otel/webpack'
import { build as vite } from 'vite'
import { installed, isPackage, optionsOf, pluginsOf, projects, type Build } from '../bundlers/build.ts'
import type { Built, Builds } from './builds.ts'

type Watched = Omit<Build, 'format'> & { readonly format: 'esm' | 'cjs' }
/** Begins to watch. @returns what ends it */
type Watcher = (build: Watched, builds: Builds) => Promise<() => Promise<unknown>>

const messages = (list: readonly { readonly message: string }[] = []) => list.map(({ message }) => message)

async function esbuild(build: Watched, builds: Builds) {
  const tell = {
    name: 'tell',
    setup: ({
      onEnd,
    }: {
      onEnd(run: (result: { errors: { text: string }[]; warnings: { text: string }[] }) => void): void
    }) =>
      onEnd(({ errors, warnings }) =>
        builds.add({ errors: errors.map(({ text }) => text), warnings: warnings.map(({ text }) => text) }),
      ),
  }
  const watching = await context({
    absWorkingDir: build.root,
    entryPoints: { ...build.entries },
    outdir: build.outdir,
    outExtension: { '.js': build.format === 'esm' ? '.mjs' : '.cjs' },
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: build.format,
    plugins: [...pluginsOf(build, esbuildOtel), tell],
  })
  await watching.watch()
  return () => watching.dispose()
}

const toOutput = ({ outdir, format }: Watched) => ({
  dir: outdir,
  entryFileNames: `[name].${format === 'esm' ? 'mjs' : 'cjs'}`,
  format: format === 'esm' ? ('es' as const) : ('cjs' as const),
  exports: 'named' as const,
})

/** https://rollupjs.org/javascript-api/#rollup-watch; Rolldown's and Vite's are the same */
// oxlint-disable-next-line typescript/no-explicit-any
function follow(watcher: any, builds: Builds, warnings: string[]) {
  let errors: string[] = []
  // oxlint-disable-next-line typescript/no-explicit-any
  watcher.on('event', async (event: any) => {
    if (event.code === 'START') errors = []
    if (event.code === 'ERROR') errors.push(event.error.message)
    await event.result?.close?.()
    if (event.code === 'END') builds.add({ errors, warnings: warnings.splice(0) })
  })
  return async () => void (await watcher.close())
}

const rollupLike =
  (name: 'rollup' | 'rolldown', otel: typeof rollupOtel | typeof rolldownOtel): Watcher =>
  async (build, builds) => {
    const warnings: string[] = []
    const { rollupWatch, rolldownWatch, nodeResolve } = await installed()
    const plugins = pluginsOf<object>(build, otel)
    const watcher = (name === 'rollup' ? rollupWatch : rolldownWatch)({
      input: build.entries,
      external: isPackage,
      onLog: (_level: string, { message }: { message: string }) => void warnings.push(message),
      output: toOutput(build),
      ...(name === 'rollup' ? { plugins: [...plugins, nodeResolve()] } : { plugins, platform: 'node' }),
    })
    return follow(watcher, builds, warnings)
  }

async function viteBuild(build: Watched, builds: Builds) {
  const warnings: string[] = []
  const warn = (text: string) => void warnings.push(text)
  const info = (text: string) => void process.stderr.write(text)
  const rest = { clearScreen() {}, hasErrorLogged: () => false, hasWarned: false }
  const watcher = await vite({
    root: build.root,
    configFile: false,
    customLogger: { info, warn, warnOnce: warn, error: () => {}, ...rest },
    plugins: pluginsOf(build, viteOtel),
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: build.outdir,
      watch: {},
      rolldownOptions: { input: { ...build.entries }, output: toOutput(build) },
    },
  })
  return follow(watcher, builds, warnings)
}

const webpackLike =
  (name: 'webpack' | 'rspack', otel: typeof webpackOtel): Watcher =>
  async (build, builds) => {
    const { [name]: create } = await installed()
    const isEsm = build.format === 'esm'
    const compiler = create({
      context: build.root,
      mode: 'development',
      devtool: false,
      target: 'node20',
      entry: build.entries,
      externalsPresets: { node: true },
      experiments: isEsm ? { outputModule: true } : {},
      output: {
        path: build.outdir,
        filename: `[name].${isEsm ? 'mjs' : 'cjs'}`,
        library: { type: isEsm ? 'module' : 'commonjs2' },
        ...(isEsm && { module: true, chunkFormat: 'module' }),
      },
      plugins: pluginsOf(build, otel),
    })
    // oxlint-disable-next-line typescript/no-explicit-any
    const watching = compiler.watch({ aggregateTimeout: 5 }, (error: Error | null, stats: any) => {
      const { errors, warnings } = error
        ? { errors: [error] }
        : stats.toJson({ all: false, errors: true, warnings: true })
      builds.add({ errors: messages(errors), warnings: messages(warnings) } satisfies Built)
    })
    return async () => {
      await new Promise((resolve) => watching.close(resolve))
      await new Promise((resolve) => compiler.close(resolve))
    }
  }

/** It watches in a process of its own. https://www.farmfe.org/docs/api/javascript-api#watch */
async function farm(build: Watched, builds: Builds) {
  const { root, entries: input, outdir } = build
  const args = JSON.stringify({ root, input, outdir, options: optionsOf(build) })
  const env = { ...process.env, NO_COLOR: '1' }
  const child = spawn(process.execPath, [path.join(projects, 'farm/watch.js'), args], { cwd: root, env })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    for (let end; (end = /\[ Farm \] (Build completed|Error).*\n/.exec(text));) {
      const said = text.slice(0, end.index)
      text = text.slice(end.index + end[0].length)
      if (said.includes('[unplugin-otel]')) process.stderr.write(said.slice(said.indexOf('[unplugin-otel]')))
      const warnings = said.includes('nothing is wrapped') ? [said] : []
      builds.add({ errors: end[1] === 'Error' ? [end[0]] : [], warnings })
    }
  })
  const exited = once(child, 'exit')
  return () => (child.kill(), exited)
}

export const watchers: Readonly<Record<string, Watcher>> = {
  esbuild,
  vite: viteBuild,
  rollup: rollupLike('rollup', rollupOtel),
  rolldown: rollupLike('rolldown', rolldownOtel),
  webpack: webpackLike('webpack', webpackOtel),
  rspack: webpackLike('rspack', rspackOtel),
  farm,
}

export const outputOf = ({ outdir, format }: Pick<Watched, 'outdir' | 'format'>, name = 'index'): string =>
  path.join(outdir, `${name}.${format === 'esm' ? 'mjs' : 'cjs'}`)
