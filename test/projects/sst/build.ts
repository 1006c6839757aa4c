/** SST's build of a Node function: https://github.com/anomalyco/sst/blob/dev/pkg/runtime/node/build.go */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import type { BuildResult } from 'esbuild'
import { bridge, type BridgeOptions } from './bridge.ts'

// The version that the CLI has; an import in Vitest would be of the root's.
const { build, version }: typeof import('esbuild') = createRequire(import.meta.url)('esbuild')

export const root = import.meta.dirname
const cli = path.join(root, 'node_modules/sst-linux-x64/bin/sst')

/** The lockfile has the CLI for this system only: 72 MB. */
export const isInstallable = process.platform === 'linux' && process.arch === 'x64'

/** SST's plugin.mjs, which is a text within its CLI. @throws {Error} when the project is not installed */
export function readBridgeScript(): string {
  if (!existsSync(cli)) throw new Error(`${cli} is not there\nRun node tools/install.mjs test/projects/sst`)
  const binary = readFileSync(cli)
  // What Go writes of the modules in a binary.
  if (!binary.includes(`evanw/esbuild\tv${version}`)) throw new Error(`SST does not bundle with esbuild ${version}`)
  const start = binary.indexOf('import { createInterface } from "readline";')
  // Go keeps embedded files one after another: the last line says where this one ends.
  const last = '\n  });\n});\n'
  return binary.subarray(start, binary.indexOf(last, start) + last.length).toString()
}

export interface SstOptions extends Pick<BridgeOptions, 'script' | 'onStderr'> {
  readonly format?: 'esm' | 'cjs'
  readonly minify?: boolean
  readonly splitting?: boolean
  /** The file of `nodejs.plugins`, relative to the project. */
  readonly plugins?: string
  /** Where the CLI runs. @default the project */
  readonly cwd?: string
}

/** @param handler its file @param out the folder that is deployed */
export function buildFunction(handler: string, out: string, options: SstOptions): Promise<BuildResult> {
  const { format = 'esm', minify = false, splitting = false, plugins = './otel.mjs', cwd = root, ...rest } = options
  const isEsm = format === 'esm'
  return build({
    absWorkingDir: root,
    entryPoints: [path.resolve(root, handler)],
    platform: 'node',
    external: ['sharp', 'pg-native'],
    keepNames: true,
    bundle: true,
    splitting,
    metafile: true,
    ...(splitting
      ? { outdir: out, outExtension: { '.js': '.mjs' }, entryNames: 'bundle' }
      : { outfile: path.join(out, isEsm ? 'bundle.mjs' : 'bundle.cjs') }),
    plugins: [bridge({ plugins: path.join(root, plugins), cwd, ...rest })],
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
