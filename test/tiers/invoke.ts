/**
 * A process that loads what a bundler made of the fixtures, calls all that the platform would, and writes what a
 * caller sees. Its spans go where the environment says.
 */
import { writeFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { describeModule, named } from '../plugin/describe-module.ts'
import { standIns } from '../plugin/stand-ins.ts'
import { invokeLambda, invokeNetlify, invokePages, invokeWorker } from './calls.ts'

export interface Task {
  readonly platform: 'aws-lambda' | 'cloudflare' | 'netlify'
  /** Fixture → its output. */
  readonly outputs: Readonly<Record<string, string>>
  /** Where the descriptions go: fixture → description, or the error that it did not load for. */
  readonly result: string
}

const { platform, outputs, result }: Task = JSON.parse(process.argv[2]!)
const workers = `data:text/javascript,${encodeURIComponent(standIns['cloudflare:workers']!)}`
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'cloudflare:workers' ? { url: workers, shortCircuit: true } : next(specifier, context),
})
// What the fixtures expect to be there.
const streaming = Symbol.for('aws.lambda.runtime.handler.streaming')
const streamifyResponse = (handler: object) => Object.assign(handler, { [streaming]: 'response' })
Object.assign(globalThis, { awslambda: { streamifyResponse }, tracked: (value: unknown) => value })
console.log = () => {}

const invoke = { 'aws-lambda': invokeLambda, cloudflare: invokeWorker, netlify: invokeNetlify }[platform]
const described: Record<string, unknown> = {}
const require = createRequire(import.meta.url)
for (const [fixture, output] of Object.entries(outputs)) {
  try {
    const exports = output.endsWith('.cjs') ? require(output) : await import(pathToFileURL(output).href)
    const isPages = fixture.startsWith('pages-')
    described[fixture] = await describeModule(named(exports), isPages ? invokePages : invoke)
  } catch (error) {
    described[fixture] = `not loaded: ${String(error)}`
  }
}
writeFileSync(result, JSON.stringify(described, null, 2))
