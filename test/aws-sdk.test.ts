/** Calls of AWS services: a span for each command, the trace's context in what is sent, and nothing else that differs. */
import type { IncomingHttpHeaders } from 'node:http'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { Options } from 'unplugin-otel/esbuild'
import { expect, onTestFinished, test } from 'vitest'
import { CLIENT, expected, FUNCTION } from './aws-sdk-calls.ts'
import { tier1 } from './bundlers/index.ts'
import { deploy, invoke, run, type DeployOptions, type Deployment } from './deploy.ts'
import { quietlyParse, startAws, type Aws } from './harness/aws.ts'
import type { ReceivedSpan } from './harness/otlp-receiver.ts'

const project = path.join(import.meta.dirname, 'projects/aws-sdk')

const LAMBDA = { platform: 'aws-lambda' } as const
/** ES modules, of which esbuild can make ES modules that `require` no built-in. */
const mainFields = ['module', 'main']
const external = ['@aws-sdk/*']

const start = (aws: Aws, { otel = {}, ...options }: DeployOptions = {}) =>
  deploy(FUNCTION, {
    extension: 'js',
    project,
    otel: otel && { ...LAMBDA, ...otel },
    esbuild: { mainFields },
    ...options,
    lambda: { env: aws.env },
  })

/** By another bundler than esbuild. */
async function startBuilt(aws: Aws, bundler: keyof typeof tier1, format: 'esm' | 'cjs', minify: boolean) {
  mkdirSync(path.join(project, '.cache'), { recursive: true })
  const folder = mkdtempSync(path.join(project, '.cache/function-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [source, outdir] = [path.join(folder, 'source.js'), path.join(folder, 'deployed')]
  writeFileSync(source, FUNCTION)
  // Rollup and its heirs may run elsewhere, where no client is among the dependencies.
  const otel: Options = { ...LAMBDA, enabled: true, report: false, libraries: ['fetch', 'http', 'aws-sdk'] }
  await tier1[bundler]!({ bundled: true, root: project, entries: { index: source }, outdir, format, otel, minify })
  return run(outdir, { lambda: { env: aws.env } })
}

async function ask(deployment: Deployment, aws: Aws, name: string) {
  deployment.receiver.reset()
  const outcome = (await invoke(deployment, { name })).json() as { error?: unknown[]; output?: string }
  const { spans } = deployment.receiver
  const root = spans.find(({ kind }) => kind === 2)
  return { outcome, calls: spans.filter((span) => span !== root), root, asked: aws.take() }
}

type Answer = Awaited<ReturnType<typeof ask>>
const askAll = async (deployment: Deployment, aws: Aws) => {
  const answers: Record<string, Answer> = {}
  for (const name of Object.keys(expected)) answers[name] = await ask(deployment, aws, name)
  return answers
}

function expectCall(name: string, { calls, root }: Answer, build: string): void {
  const { service, kind = CLIENT, attributes, status = 200, error, ...more } = expected[name]!
  expect(calls, name).toHaveLength(1)
  const [call] = calls as [ReceivedSpan]
  expect(call, `${build}: ${name}`).toMatchObject({
    ...more,
    kind,
    parentSpanId: root!.spanId,
    status: { code: error ? 2 : 0 },
    attributes: {
      'rpc.system': 'aws-api',
      'rpc.service': service,
      'cloud.region': 'eu-west-1',
      ...(status && { 'http.response.status_code': status, 'aws.request_id': 'request-7' }),
      ...attributes,
    },
  })
  expect(call.attributes['error.type'], name).toBe(error)
  const others = Object.keys(call.attributes).filter((key) => /^(?:http\.request\.(?!resend)|url\.)/.test(key))
  expect(others, name).toEqual([])
}

/** What differs between any two: when it was signed, and by which id it is told apart. */
const VOLATILE = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'host']
/** What of a message differs because it has an attribute more. */
const OF_BODY = ['content-length', 'x-amz-content-sha256']

/** The SDK's ES modules say another version than its CommonJS does. */
const without = (headers: IncomingHttpHeaders, names: readonly string[]) =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([key]) => !names.includes(key))
      .map(([key, value]) => [key, String(value).replaceAll(/\b3\.11\d\d\.\d+/g, '3')]),
  )

const contextOf = ({ calls: [call] }: Answer) => `00-${call!.traceId}-${call!.spanId}-01`

function clientContextOf({ asked: [request] }: Answer): unknown {
  return quietlyParse(Buffer.from(String(request!.headers['x-amz-client-context']), 'base64').toString())
}

/** Nothing but what is said of each. */
function expectRequests(name: string, answer: Answer, control: Answer): void {
  expect(answer.asked.length, name).toBe(control.asked.length)
  const isChanged = ['message', 'eight', 'messages', 'topic', 'events'].includes(name)
  const names = [...VOLATILE, ...(isChanged ? OF_BODY : [])]
  if (/invoke|merged|aggregated|callback|failing|aborted/.test(name)) names.push('x-amz-client-context')
  answer.asked.forEach((request, n) => {
    const other = control.asked[n]!
    expect(request.path, name).toBe(other.path)
    expect(without(request.headers, names), name).toEqual(without(other.headers, names))
    expect(request.headers, name).not.toHaveProperty('traceparent')
    if (!isChanged) expect(request.body, name).toBe(other.body)
  })
}

function expectContexts(answers: Record<string, Answer>): void {
  const { invoke, merged, owned, aggregated, callback, message, eight, messages } = answers
  for (const answer of [invoke!, aggregated!, callback!]) {
    expect(clientContextOf(answer)).toEqual({ custom: { traceparent: contextOf(answer) } })
    expect(answer.asked[0]!.headers.authorization).toMatch(/SignedHeaders=[^,]*x-amz-client-context/)
  }
  const custom = { mine: 'yes', traceparent: contextOf(merged!) }
  expect(clientContextOf(merged!)).toEqual({ client: { installation_id: '7' }, custom })
  expect(clientContextOf(owned!)).toEqual({ custom: { traceparent: 'mine' } })
  const attribute = (answer: Answer) => ({ traceparent: { DataType: 'String', StringValue: contextOf(answer) } })
  expect(JSON.parse(message!.asked[0]!.body).MessageAttributes).toEqual(attribute(message!))
  const { MessageAttributes: nine } = JSON.parse(eight!.asked[0]!.body)
  expect(Object.keys(nine)).toHaveLength(9)
  expect(nine).toMatchObject(attribute(eight!))
  const [first, second] = JSON.parse(messages!.asked[0]!.body).Entries
  expect(first.MessageAttributes).toEqual(attribute(messages!))
  expect(Object.keys(second.MessageAttributes)).toHaveLength(10)
  expect(second.MessageAttributes).not.toHaveProperty('traceparent')
  const published = new URLSearchParams(answers['topic']!.asked[0]!.body)
  expect(published.get('MessageAttributes.entry.1.Name')).toBe('traceparent')
  expect(published.get('MessageAttributes.entry.1.Value.StringValue')).toBe(contextOf(answers['topic']!))
  const traceparent = `"traceparent":"${contextOf(answers['events']!)}"`
  const { Entries: entries } = JSON.parse(answers['events']!.asked[0]!.body)
  expect(entries.map(({ Detail }: { Detail: string }) => Detail)).toEqual([
    ` {${traceparent},"id":12345678901234567890}`,
    `{${traceparent}}`,
    '[1]',
    '{"traceparent":"mine"}',
  ])
}

const builds: readonly [name: string, start: (aws: Aws) => Promise<Deployment>][] = [
  ['esbuild, ES modules', (aws) => start(aws)],
  ['esbuild, CommonJS, minified', (aws) => start(aws, { format: 'cjs', esbuild: { minify: true } })],
  ['external, from an ES module', (aws) => start(aws, { esbuild: { external } })],
  ['external, from CommonJS', (aws) => start(aws, { format: 'cjs', esbuild: { external } })],
  ['Vite, ES modules, minified', (aws) => startBuilt(aws, 'vite', 'esm', true)],
  ['webpack, CommonJS', (aws) => startBuilt(aws, 'webpack', 'cjs', false)],
]

test('every command is one span, wherever the SDK is, and nothing else differs from a control', async () => {
  const aws = await startAws()
  const control = await askAll(await start(aws, { otel: false }), aws)
  for (const { calls, root } of Object.values(control)) expect([calls, root]).toEqual([[], undefined])
  for (const [build, begin] of builds) {
    const answers = await askAll(await begin(aws), aws)
    for (const [name, answer] of Object.entries(answers)) {
      const label = `${build}: ${name}`
      expect(answer.outcome, label).toEqual(control[name]!.outcome)
      expectCall(name, answer, build)
      expectRequests(name, answer, control[name]!)
    }
    expectContexts(answers)
  }
}, 60_000)

test('a function that invokes another is one trace with it; baggage only where it is named', async () => {
  const source = `
    import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
    import { context, propagation } from '@opentelemetry/api'
    const client = new LambdaClient({})
    export const handler = ({ baggage }) => {
      const invoke = async () => (await client.send(new InvokeCommand({ FunctionName: 'b' }))).Payload.transformToString()
      const entries = propagation.createBaggage({ 'user.id': { value: 'u 7' } })
      return context.with(propagation.setBaggage(context.active(), entries), invoke)
    }
  `
  const callee = await deploy('export const handler = async (_, { clientContext }) => clientContext\n', {
    extension: 'js',
  })
  const aws = await startAws(async (clientContext) => (await invoke(callee, {}, { clientContext })).text)
  const options = { extension: 'js', project, lambda: { env: aws.env }, esbuild: { mainFields } }
  for (const propagateTo of [{}, { baggage: ['127.0.0.1'] }]) {
    const caller = await deploy(source, { ...options, otel: { ...LAMBDA, propagateTo } })
    callee.receiver.reset()
    const { custom } = JSON.parse((await invoke(caller)).json()) as { custom: object }
    const [root, call] = [2, CLIENT].map((kind) => caller.receiver.spans.find((span) => span.kind === kind)!)
    const [called] = callee.receiver.spans
    const { traceId, spanId } = call!
    expect(call).toMatchObject({ traceId: root!.traceId, parentSpanId: root!.spanId })
    expect(called).toMatchObject({ traceId, parentSpanId: spanId })
    const baggage = 'baggage' in propagateTo && { baggage: 'user.id=u%207' }
    expect(custom).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, ...baggage })
  }
  const caller = await deploy(source, { ...options, otel: { ...LAMBDA, propagateTo: { except: ['127.0.0.1'] } } })
  aws.take()
  await invoke(caller)
  expect(aws.take()[0]!.headers).not.toHaveProperty('x-amz-client-context')
  expect(caller.receiver.spans).toHaveLength(2)
}, 30_000)

test("libraries: 'aws-sdk' alone has its spans only, and without it there is the request's", async () => {
  const aws = await startAws()
  for (const [libraries, name] of [
    [['aws-sdk'], 'Lambda.Invoke'],
    [['fetch', 'http'], 'POST'],
  ] as const) {
    const deployment = await start(aws, { otel: { libraries: [...libraries] } })
    expect((await ask(deployment, aws, 'invoke')).calls.map((call) => call.name)).toEqual([name])
  }
}, 30_000)

test('a client that has sent something before, and one that is loaded by the second invocation', async () => {
  const aws = await startAws()
  const source = `
    import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
    const client = new DynamoDBClient({ cacheMiddleware: true })
    const get = () => client.send(new GetItemCommand({ TableName: 'a', Key: { id: { S: '7' } } }))
    await get()
    // As s3-request-presigner does it.
    const sign = async (command) => {
      const stack = client.middlewareStack.clone()
      const end = ({ request }) => ({ response: {}, output: { $metadata: {}, signed: 'authorization' in request.headers } })
      stack.add(() => async (args) => end(args), { step: 'finalizeRequest', name: 'end', priority: 'low' })
      return (await command.resolveMiddleware(stack, client.config, {})(command)).output.signed
    }
    export const handler = async ({ first, signs }) => {
      if (signs) return sign(new GetItemCommand({ TableName: 'a', Key: { id: { S: '7' } } }))
      if (first) return (await get()).$metadata.httpStatusCode
      const { Lambda } = await import('@aws-sdk/client-lambda')
      return (await new Lambda({}).invoke({ FunctionName: 'late' })).StatusCode
    }
  `
  const options = { extension: 'js', project, esbuild: { external }, lambda: { env: aws.env } }
  const deployment = await deploy(source, { ...options, otel: LAMBDA })
  const { receiver } = deployment
  expect(receiver.spans).toEqual([])
  for (const [event, ...names] of [
    [{ first: true }, 'DynamoDB.GetItem'],
    [{}, 'Lambda.Invoke'],
    [{ signs: true }],
  ] as const) {
    receiver.reset()
    expect((await invoke(deployment, event)).json()).toBe('signs' in event || 200)
    expect(receiver.spans.filter(({ kind }) => kind === CLIENT).map((span) => span.name)).toEqual(names)
  }
}, 30_000)
