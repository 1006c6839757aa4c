/** The same handlers, built six ways. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'

export type VariantId = 'bare' | 'a' | 'b' | 'c' | 'd' | 'e'

export interface Variant {
  id: VariantId
  label: string
  isOurs: boolean
  /** What Lambda is told to load, for example `handler.handler`. */
  order: string
  stream: string
  build: BuildOptions
}

const PLAIN = { isOurs: false, order: 'handler.handler', stream: 'stream.handler' }
const BY_HAND = { isOurs: false, order: 'by-hand.handler', stream: 'by-hand.streamed' }
const OURS = { ...PLAIN, isOurs: true }

export async function defineVariants(): Promise<Variant[]> {
  const { config, otel } = await loadBuild()
  const bare = { ...config, plugins: [] }
  const byHand = (batch: object, flush: boolean): BuildOptions => ({
    ...bare,
    entryPoints: [fileURLToPath(import.meta.resolve('./src/by-hand.ts'))],
    define: { BATCH: JSON.stringify(batch), FLUSH: JSON.stringify(flush) },
  })
  const one = { maxExportBatchSize: 1, scheduledDelayMillis: 0 }
  return [
    { id: 'bare', label: 'no telemetry', ...PLAIN, build: bare },
    { id: 'a', label: 'SDK, BatchSpanProcessor, no flush', ...BY_HAND, build: byHand({}, false) },
    { id: 'b', label: 'SDK, batch of 1, delay 0, no flush', ...BY_HAND, build: byHand(one, false) },
    { id: 'c', label: 'SDK, forceFlush() in every handler', ...BY_HAND, build: byHand({}, true) },
    {
      id: 'd',
      label: "otel({ batching: 'immediate' })",
      ...OURS,
      build: { ...config, plugins: [otel({ batching: 'immediate' })] },
    },
    { id: 'e', label: 'otel()', ...OURS, build: config },
  ]
}

/** Returns the folder that Lambda would get. */
export async function bundle(variant: Variant, folder: string): Promise<string> {
  const outdir = path.join(folder, variant.id)
  const { warnings } = await build({ ...variant.build, outdir, logLevel: 'silent' })
  if (warnings.length > 0) throw new Error(warnings.map((warning) => warning.text).join('\n'))
  return outdir
}

interface Build {
  config: BuildOptions
  otel(options: { batching: 'immediate' }): Plugin
}

/** Loaded by variables: the built plugin has no types before the first build. */
async function loadBuild(): Promise<Build> {
  const [config, plugin] = ['./esbuild.config.mjs', 'unplugin-otel/esbuild']
  try {
    return { config: (await import(config)).default, otel: (await import(plugin)).default }
  } catch (error) {
    throw new Error('unplugin-otel is not built: npm run build', { cause: error })
  }
}
