/** SST's build of a Node function: https://github.com/anomalyco/sst/blob/dev/pkg/runtime/node/build.go */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { BuildResult } from 'esbuild'
import { bridge, type BridgeOptions } from './bridge.ts'

/** The version that the CLI has; an import in Vitest would be of the root's. Asked for late: it may get installed first. */
const esbuild = (): typeof import('esbuild') => createRequire(import.meta.url)('esbuild')

export const root = import.meta.dirname

/** The lockfile has the CLI for this system only: 72 MB. */
export const isInstallable = process.platform === 'linux' && process.arch === 'x64'

/** SST's plugin.mjs. @throws {Error} when the project is not installed */
export function readBridgeScript(project = root): string {
  const binary = readCli(project)
  const { version } = esbuild()
  // What Go writes of the modules in a binary.
  if (!binary.includes(`evanw/esbuild\tv${version}`)) throw new Error(`SST does not bundle with esbuild ${version}`)
  return slice(binary, 'import { createInterface } from "readline";', '\n  });\n});\n')
}

/** What `sst dev` runs a function with. @throws {Error} when the project is not installed */
export function readDevRuntime(project = root): string {
  return slice(readCli(project), '// functions/nodejs-runtime/index.ts', '\n  }\n}\n')
}

function readCli(project: string): Buffer {
  const cli = path.join(project, 'node_modules/sst-linux-x64/bin/sst')
  if (existsSync(cli)) return readFileSync(cli)
  const name = path.relative(path.resolve(root, '../../..'), project)
  throw new Error(`${cli} is not there\nRun node tools/install.mjs ${name}`)
}

/** Go keeps embedded files as text, one after another: the last line says where one ends. */
function slice(binary: Buffer, first: string, last: string): string {
  const start = binary.indexOf(first)
  return binary.subarray(start, binary.indexOf(last, start) + last.length).toString()
}

export interface SstOptions extends Pick<BridgeOptions, 'script' | 'onStderr'> {
  readonly format?: 'esm' | 'cjs'
  readonly minify?: boolean
  readonly splitting?: boolean
  /** @default this one */
  readonly project?: string
  /** The file of `nodejs.plugins`, relative to the project. */
  readonly plugins?: string
  /** Where the CLI runs. @default the project */
  readonly cwd?: string
}

/** @param handler its file @param out the folder that is deployed */
export function buildFunction(handler: string, out: string, options: SstOptions): Promise<BuildResult> {
  const { format = 'esm', minify = false, splitting = false, plugins = './otel.mjs' } = options
  const { project = root, cwd = project, script, onStderr } = options
  const isEsm = format === 'esm'
  return esbuild().build({
    absWorkingDir: project,
    entryPoints: [path.resolve(project, handler)],
    platform: 'node',
    external: ['sharp', 'pg-native'],
    keepNames: true,
    bundle: true,
    splitting,
    metafile: true,
    ...(splitting
      ? { outdir: out, outExtension: { '.js': '.mjs' }, entryNames: 'bundle' }
      : { outfile: path.join(out, isEsm ? 'bundle.mjs' : 'bundle.cjs') }),
    plugins: [bridge({ plugins: path.join(project, plugins), cwd, script, onStderr })],
    sourcemap: 'linked',
    format,
    target: 'es2024',
    mainFields: isEsm ? ['module', 'main'] : ['main'],
    banner: { js: isEsm ? BANNER : '' },
    minify,
    logLevel: 'silent',
  })
}

const BANNER = `import { createRequire as topLevelCreateRequire } from 'module';
const require = topLevelCreateRequire(import.meta.url);
import { fileURLToPath as topLevelFileUrlToPath, URL as topLevelURL } from "url"
const __filename = topLevelFileUrlToPath(import.meta.url)
const __dirname = topLevelFileUrlToPath(new topLevelURL(".", import.meta.url))
`
