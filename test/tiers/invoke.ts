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
import { hostNext, invokeNext } from './next-calls.ts'
import type { TierPlatform } from './project.ts'

export interface Task {
  readonly platform: TierPlatform
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

if (platform === 'nextjs') hostNext()

const calls = { 'aws-lambda': invokeLambda, cloudflare: invokeWorker, netlify: invokeNetlify, nextjs: invokeNext }
const described: Record<string, unknown> = {}
const require = createRequire(import.meta.url)
for (const [fixture, output] of Object.entries(outputs)) {
  try {
    const exports = output.endsWith('.cjs') ? require(output) : await import(pathToFileURL(output).href)
    const invoke = fixture.startsWith('pages-') ? invokePages : calls[platform]
    described[fixture] = await describeModule(named(exports), (value, name) => invoke(value, name, fixture))
  } catch (error) {
    described[fixture] = `not loaded: ${String(error)}`
  }
}
writeFileSync(result, JSON.stringify(described, null, 2))
