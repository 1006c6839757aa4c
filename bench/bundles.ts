/** The functions that are measured, built as a user builds them, into a folder that is removed at the end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildOptions, type Plugin } from 'esbuild'
import otel from 'unplugin-otel/esbuild'

export type Subject = 'bare' | 'ours' | 'by hand'
/** `payload`: until the encoded body exists. `exported`: until a collector has answered. */
export type Way = 'payload' | 'exported'

const output = mkdtempSync(path.join(tmpdir(), 'unplugin-otel-bench-'))
process.on('exit', () => rmSync(output, { recursive: true, force: true }))

export const functions = path.join(import.meta.dirname, 'functions')

/** Returns the bundle's file; its source map is beside it. */
export async function buildFunction(subject: Subject, way: Way, entry = 'handler.ts'): Promise<string> {
  const outfile = path.join(output, `${subject}-${way}-${entry}`.replace(/\W/g, '-') + '.mjs')
  await build({
    ...base(subject === 'by hand' ? 'by-hand.ts' : entry),
    outfile,
    sourcemap: 'external',
    define: { EXPORTED: String(way === 'exported') },
    alias: sdkOfRoot(),
    plugins: subject === 'ours' ? [...(way === 'payload' ? [dropping] : []), lambdaPlugin()] : [],
  })
  return outfile
}

export const base = (entry: string): BuildOptions => ({
  absWorkingDir: functions,
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  logLevel: 'error',
})

/** The flush is awaited, as the one by hand is: then an invocation is over when its promise settles. */
const lambdaPlugin = (): Plugin => otel({ platform: 'aws-lambda', report: false, flush: { mode: 'await' } })

/** The runtime's node entry with another transport. */
const dropping: Plugin = {
  name: 'dropping',
  setup({ onResolve }) {
    const entry = path.join(functions, 'dropping-entry.ts')
    onResolve({ filter: /^unplugin-otel\/runtime\/node$/ }, ({ importer }) =>
      importer === entry ? undefined : { path: entry },
    )
  },
}

/** One copy of the SDK, that of our runtime: the exporter's package pins an older patch of its own. */
function sdkOfRoot(): Record<string, string> {
  const names = ['core', 'otlp-transformer', 'resources', 'sdk-trace'].map((name) => `@opentelemetry/${name}`)
  return Object.fromEntries(names.map((name) => [name, fileURLToPath(import.meta.resolve(name))]))
}
