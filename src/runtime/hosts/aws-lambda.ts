/**
 * AWS Lambda freezes the process when the runtime and every extension asked for the next event.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
 */
import type { Attributes } from '@opentelemetry/api'
import { isDisabled, resolveConfig } from '../config.ts'
import type { Call, Env, Exporting, Host, Invocation, KeepAlive } from '../../contract.ts'
import { observeDeadline } from '../deadline.ts'
import { flushAtExit } from '../exit.ts'
import { exportByInterval } from '../interval.ts'
import { takeEnded } from '../invocation.ts'
import { awaitsValue, contextOf, deadlineOf, hasClient3 } from '../lambda-context.ts'
import { registerExtension } from '../lambda-extension.ts'
import { foreignProvider, type Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { onSignal, STOP_BUDGET_MS } from '../signals.ts'
import { slot } from '../slot.ts'
import { builtin } from '../builtin.ts'

declare const process: { readonly env: Env }

export const host: Host = {
  id: 'aws-lambda',
  env: () => process.env,
  // `sst dev` runs functions on the developer's machine: its API has a path, `localhost:13557/lambda/<worker>`.
  deployed: (env) => /^[^/]+$/.test(env['AWS_LAMBDA_RUNTIME_API'] ?? ''),
  resource,
  // Managed Instances: `lambda-managed-instances`.
  coldStart: () => !/^(provisioned|snap|lambda)/.test(process.env['AWS_LAMBDA_INITIALIZATION_TYPE'] ?? ''),
  deadline: deadlineOf,
  awaits: awaitsValue,
  keepAlive,
}

/** https://opentelemetry.io/docs/specs/semconv/resource/faas/ and …/cloud/ */
function resource(env: Env): Attributes {
  const name = env['AWS_LAMBDA_FUNCTION_NAME']
  if (!name) return {}
  const logGroup = env['AWS_LAMBDA_LOG_GROUP_NAME']
  return {
    'service.name': name,
    'cloud.provider': 'aws',
    'cloud.platform': 'aws_lambda',
    'cloud.region': env['AWS_REGION'],
    'faas.name': name,
    'faas.version': env['AWS_LAMBDA_FUNCTION_VERSION'],
    'faas.instance': env['AWS_LAMBDA_LOG_STREAM_NAME'],
    'faas.max_memory': Number(env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']) * 1_048_576,
    ...(logGroup && { 'aws.log.group.names': [logGroup] }),
  }
}

function keepAlive(call: Call, done: Promise<void>, exporting: Exporting, invocation: Invocation): KeepAlive {
  observeDeadline(host, call, invocation, done)
  const isServer = exporting.mode === 'interval' || !isFrozen(process.env)
  if (!isServer) quietly(() => flushAtExit(hasClient3()))
  if (isManagedInstance(process.env)) exportByInterval()
  if (exporting.mode === 'await') return 'before'
  if (isServer) return 'interval'
  if (isCollectorExtension(exporting.endpoint)) return 'before'
  const requestId = contextOf(call)?.awsRequestId
  return requestId !== undefined && slot.extension?.hold(requestId, done) ? 'after' : 'before'
}

/** Outside Lambda nobody freezes. */
function isFrozen(env: Env): boolean {
  return host.deployed(env) && !isManagedInstance(env)
}

/**
 * They run many invocations at once, in worker threads, and are never frozen. The main thread alone gets a SIGTERM, and
 * has none of the function's code: what is not sent by then is lost.
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-nodejs-runtime.html
 */
function isManagedInstance(env: Env): boolean {
  return env['AWS_LAMBDA_MAX_CONCURRENCY'] !== undefined
}

let collectorExtension: boolean | undefined

/**
 * A collector in an external extension may have asked for the next event before our request reaches it;
 * then it freezes with our spans. Handing them over before the response costs about 1 ms on loopback.
 * `UNPLUGIN_OTEL_EXTENSIONS_DIR` stands in for /opt/extensions in tests.
 */
function isCollectorExtension(endpoint: URL | undefined): boolean {
  if (!endpoint || !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(endpoint.hostname)) return false
  return (collectorExtension ??=
    quietly(() => {
      const fs = builtin<{ existsSync(path: string): boolean; readdirSync(path: string): string[] }>('node:fs')
      const directory = process.env['UNPLUGIN_OTEL_EXTENSIONS_DIR'] ?? '/opt/extensions'
      return fs !== undefined && fs.existsSync(directory) && fs.readdirSync(directory).length > 0
    }) ?? false)
}

/**
 * Registers the internal extension. Awaited at the end of an ESM entry, because the runtime client
 * closes registration when it asks for its first event; on CommonJS output the build's footer makes the
 * client wait for `slot.registration`. Not emitted where `flush` or `batching` make it useless.
 * @param names the exports of the entry that are wrapped; others are never held
 */
export function register(setup: Setup, names: readonly string[]): Promise<void> | undefined {
  const env = process.env
  if (!isFrozen(env) || slot.registration || slot.extension) return slot.registration
  const deployed = env['_HANDLER']?.replace(/^.*\//, '').replace(/^[^.]*\./, '')
  if (!deployed || !names.includes(deployed) || isDisabled(env)) return undefined
  const config = quietly(() => resolveConfig(setup.options, setup.host.env(), host, setup.encoding.protocol))
  if (!foreignProvider() && (!config || isCollectorExtension(config.endpoint))) return undefined
  return (slot.registration = registerExtension(env['AWS_LAMBDA_RUNTIME_API']!).then((extension) => {
    slot.registration = undefined
    slot.extension = extension
    if (extension) onSignal('SIGTERM', flushAtEnd)
  }))
}

/** With an extension registered the platform sends SIGTERM. */
function flushAtEnd(): Promise<void> | undefined {
  const { exporter, inFlight } = slot.tracing?.export ?? {}
  return exporter?.flush(takeEnded(slot.active), inFlight!(), STOP_BUDGET_MS, true)
}
