import { expect, test } from 'vitest'
import type { Options } from '../../src/plugin/options.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'

test('no option is required', () => {
  expect(resolveOptions()).toEqual({
    enabled: true,
    disabledBy: undefined,
    platform: 'auto',
    target: 'auto',
    include: [],
    exclude: [],
    handlers: {},
    protocol: 'http/json',
    configFile: undefined,
    report: 'summary',
    strict: false,
    debug: false,
    ignore: [],
    responseHeader: false,
    captureHeaders: { request: [], response: [] },
    trustIncoming: true,
    sampling: undefined,
    propagators: undefined,
    libraries: ['fetch', 'http'],
    propagateTo: { except: [], baggage: [] },
    runtime: {},
  })
})

test.each([{ VITEST: 'true' }, { JEST_WORKER_ID: '1' }])('off under %j, unless it is asked for', (env) => {
  expect(resolveOptions({}, env).enabled).toBe(false)
  expect(resolveOptions({ enabled: true }, env).enabled).toBe(true)
})

test('handler names for all modules are a glob of their own', () => {
  expect(resolveOptions({ handlers: ['run'] }).handlers).toEqual({ '**': ['run'] })
  expect(resolveOptions({ handlers: [] }).handlers).toEqual({})
  expect(resolveOptions({ handlers: { 'src/*.ts': ['run'] } }).handlers).toEqual({ 'src/*.ts': ['run'] })
})

test('only what the runtime reads travels into the bundle, as JSON, and only what was set', () => {
  const options: Options = {
    serviceName: 'orders',
    serviceVersion: '1',
    environment: 'test',
    batching: { maxExportBatchSize: 10, maxQueueSize: 5 },
    flush: { mode: 'await', budgetMs: 0 },
    limits: { spansPerInvocation: 50_000, attributeLength: undefined },
    protocol: 'http/protobuf',
    debug: true,
    include: ['a'],
    report: false,
  }
  expect(resolveOptions(options).runtime).toEqual({
    resource: { 'service.name': 'orders', 'service.version': '1', 'deployment.environment.name': 'test' },
    batch: { maxExportBatchSize: 10, maxQueueSize: 5, exportAt: 5 },
    flush: { mode: 'await', budgetMs: 0 },
    limits: { spansPerInvocation: 50_000 },
  })
  expect(resolveOptions({ serviceName: undefined, flush: {}, limits: {} }).runtime).toEqual({})
})

test.each<[Options['batching'], object]>([
  ['auto', {}],
  ['invocation', {}],
  ['immediate', { batch: { maxExportBatchSize: 1, exportAt: 1 } }],
  ['interval', { flush: { mode: 'interval' } }],
  [{ scheduledDelayMillis: 50 }, { batch: { interimMs: 50 } }],
])('batching %j', (batching, runtime) => {
  expect(resolveOptions({ batching }).runtime).toEqual(runtime)
})

test('an option that is undefined is as good as none', () => {
  expect(resolveOptions({ batching: undefined, flush: undefined, include: undefined })).toEqual(resolveOptions())
})

test.each<[unknown, string]>([
  [{ colour: 1 }, "unknown option 'colour'\nOptions: enabled, platform,"],
  [{ handler: ['run'] }, "unknown option 'handler'\nDid you mean 'handlers'?"],
  [{ constructor: 1 }, "unknown option 'constructor'"],
  [{ flush: { budgetMS: 1 } }, "unknown option 'flush.budgetMS'\nDid you mean 'flush.budgetMs'?"],
  [{ flush: { toString: 1 } }, "unknown option 'flush.toString'"],
  [{ flush: null }, 'flush is null\nIt must be an object of mode, budgetMs, marginMs.'],
  [{ flush: { budgetMs: NaN } }, 'flush.budgetMs is NaN\nIt must be a number of milliseconds, 0 or more.'],
  [{ flush: { mode: 'never' } }, 'flush.mode is "never"\nIt must be "auto" | "await" | "interval".'],
  [{ batching: { maxQueueSize: 0.5 } }, 'batching.maxQueueSize is 0.5\nIt must be a whole number of at least 1.'],
  [
    { limits: { spansPerInvocation: 0 } },
    'limits.spansPerInvocation is 0\nIt must be a whole number from 1 to 100000.',
  ],
  [{ limits: { spansPerInvocation: 100_001 } }, 'limits.spansPerInvocation is 100001'],
  [{ limits: { attributeLength: '9' } }, 'limits.attributeLength is "9"\nIt must be a whole number of at least 1.'],
  [{ limits: { spans: 1 } }, "unknown option 'limits.spans'\n"],
  [{ limits: 5000 }, 'limits is 5000\nIt must be an object of spansPerInvocation, attributeLength.'],
  [{ batching: [] }, 'batching is []\nIt must be "auto" | "invocation"'],
  [{ serviceName: '' }, 'serviceName is ""\nIt must be a string that is not empty.'],
  [{ include: 'src/*.ts' }, 'include is "src/*.ts"\nIt must be an array of strings.'],
  [{ enabled: () => true }, 'enabled is a function\nIt must be true | false.'],
  [{ target: 'deno' }, 'target is "deno"\nIt must be "auto" | "edge" | "node".'],
  [{ platform: 'aws' }, 'platform is "aws"\nDid you mean "aws-lambda"? It must be "auto" | "aws-lambda" | '],
  [{ platform: 'gcp' }, 'platform is "gcp"\nDid you mean "google-cloud-functions"? It must be "auto" | '],
  [{ platform: 'vercel' }, 'platform is "vercel"\nIt must be "auto" | "aws-lambda" | '],
  [{ platform: ['aws-lambda'] }, 'platform is ["aws-lambda"]\nIt must be "auto" | '],
  [{ batching: 'immediately' }, 'batching is "immediately"\nDid you mean "immediate"? It must be "auto" | '],
  [{ protocol: 'json' }, 'protocol is "json"\nDid you mean "http/json"? It must be "http/json" | '],
  [
    { ignore: ['health'] },
    "ignore is [\"health\"]\nIt must be an array of paths and routes, which begin with '/' or '*'.",
  ],
  [
    { responseHeader: 'server-timings' },
    'responseHeader is "server-timings"\nDid you mean "server-timing"? It must be false | ',
  ],
  [{ responseHeader: true }, 'responseHeader is true\nIt must be false | "x-trace-id" | "traceresponse" | '],
  [{ captureHeaders: ['x-a'] }, 'captureHeaders is ["x-a"]\nIt must be an object of request, response.'],
  [
    { captureHeaders: { requests: [] } },
    "unknown option 'captureHeaders.requests'\nDid you mean 'captureHeaders.request'?",
  ],
  [
    { captureHeaders: { request: ['x a'] } },
    'captureHeaders.request is ["x a"]\nIt must be an array of names of headers.',
  ],
  [
    { captureHeaders: { request: ['x-a', 'Authorization'] } },
    "captureHeaders.request has 'Authorization'\nIt carries credentials, which must be in no span: take it out.",
  ],
  [
    { captureHeaders: { response: ['set-cookie'] } },
    "captureHeaders.response has 'set-cookie'\nIt carries credentials",
  ],
  [{ trustIncoming: 'no' }, 'trustIncoming is "no"\nIt must be true | false.'],
  [{ libraries: ['fetsh'] }, "libraries has 'fetsh'\nDid you mean 'fetch'?"],
  [{ libraries: ['redis-client'] }, "libraries has 'redis-client'\nLibraries: fetch, http, aws-sdk."],
  [{ libraries: true }, 'libraries is true\nIt must be "auto" | false | an array of "fetch", "http", "aws-sdk".'],
  [{ propagateTo: { only: [] } }, "unknown option 'propagateTo.only'"],
  [
    { propagateTo: { except: ['https://a.com'] } },
    'propagateTo.except is ["https://a.com"]\nIt must be an array of hosts',
  ],
  [null, 'otel(null)\nIt takes one object of options, or nothing.'],
  ['a key', 'otel(a string)\nIt takes one object'],
  [() => {}, 'otel(a function)\nIt takes one object'],
])('%o is refused', (options, message) => {
  expect(() => resolveOptions(options as Options)).toThrow(message)
})
