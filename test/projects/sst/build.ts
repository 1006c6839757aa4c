/** SST's build of a Node function: https://github.com/anomalyco/sst/blob/dev/pkg/runtime/node/build.go */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { build, type BuildResult } from 'esbuild'
import { bridge, type BridgeOptions } from './bridge.ts'

export const root = import.meta.dirname
const cli = path.join(root, 'node_modules/sst-linux-x64/bin/sst')

/** Undefined where the CLI of another system is installed, or none. */
export function readBridgeScript(): string | undefined {
  if (!existsSync(cli)) return undefined
  const binary = readFileSync(cli)
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
}

/** @param handler as in sst.config.ts, with its file's extension @param out the folder that is deployed */
export function buildFunction(handler: string, out: string, options: SstOptions): Promise<BuildResult> {
  const { format = 'esm', minify = false, splitting = false, plugins = './otel.mjs', ...rest } = options
  const isEsm = format === 'esm'
  return build({
    absWorkingDir: root,
    entryPoints: [path.join(root, handler)],
    platform: 'node',
    external: ['sharp', 'pg-native'],
    keepNames: true,
    bundle: true,
    splitting,
    metafile: true,
    ...(splitting
      ? { outdir: out, outExtension: { '.js': '.mjs' }, entryNames: 'bundle' }
      : { outfile: path.join(out, isEsm ? 'bundle.mjs' : 'bundle.cjs') }),
    plugins: [bridge({ plugins: path.join(root, plugins), root, ...rest })],
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
