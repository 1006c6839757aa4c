/** Every function with the plugin and without, in the three ways a module reaches the runtime client. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

export interface Variant {
  readonly name: string
  readonly format: 'esm' | 'cjs'
  /** Of the sources in `functions/`. */
  readonly extension: 'ts' | 'cjs'
}

export const VARIANTS: readonly Variant[] = [
  { name: 'ESM', format: 'esm', extension: 'ts' },
  { name: 'CJS from ESM source', format: 'cjs', extension: 'ts' },
  { name: 'CJS from CJS source', format: 'cjs', extension: 'cjs' },
]

/** Folders to deploy: the same handler with the plugin and without. */
export interface Pair {
  readonly ours: string
  readonly without: string
}

const output = mkdtempSync(path.join(tmpdir(), 'unplugin-otel-native-'))
process.on('exit', () => rmSync(output, { recursive: true, force: true }))

/** A path in the folder that is removed at the end. */
export function temporary(name: string): string {
  return path.join(output, name)
}

export async function buildPair(source: 'bare' | 'work', { format, extension }: Variant): Promise<Pair> {
  const bundle = async (withPlugin: boolean): Promise<string> => {
    const folder = temporary(`${source}-${format}-${extension}-${withPlugin ? 'ours' : 'without'}`)
    await build({
      absWorkingDir: import.meta.dirname,
      entryPoints: [`functions/${source}.${extension}`],
      bundle: true,
      platform: 'node',
      target: 'node24',
      format,
      // As the deployment tools name it; no package.json above it, so .js is CommonJS.
      outfile: path.join(folder, format === 'esm' ? 'index.mjs' : 'index.js'),
      plugins: withPlugin
        ? [
            otel({
              platform: 'aws-lambda',
              report: false,
              handlers: ['handler', 'fails', 'sync', 'streams', 'ignored'],
            }),
          ]
        : [],
      logLevel: 'error',
    })
    return folder
  }
  return { ours: await bundle(true), without: await bundle(false) }
}
