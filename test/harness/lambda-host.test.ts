import { expect, test } from 'vitest'
import { functionFolder, startFunction } from './function-folder.ts'
import { startLambda } from './lambda-host.ts'

test('an async handler gets event, context, environment and X-Ray header', async () => {
  const lambda = await startFunction(
    `export const handler = async (event, context) => ({
      event, id: context.awsRequestId, client: context.clientContext, arn: context.invokedFunctionArn,
      left: context.getRemainingTimeInMillis(), xray: process.env._X_AMZN_TRACE_ID, env: process.env,
    })`,
    { env: { MY: 'own', TZ: undefined }, timeoutMs: 5000 },
  )
  expect(lambda.state).toBe('ready')
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1'
  const first = await lambda.invoke({ ä: 1 }, { traceHeader, clientContext: { custom: { a: 1 } } })
  const answer = first.json()
  expect(answer).toMatchObject({
    event: { ä: 1 },
    id: first.requestId,
    client: { custom: { a: 1 } },
    arn: expect.stringContaining(':function:harness'),
    xray: traceHeader,
    env: { MY: 'own', AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x', PATH: process.env.PATH },
  })
  expect(answer.left).toBeGreaterThan(4000)
  expect(Object.keys(answer.env)).not.toContain('TZ')
  expect(Object.keys(answer.env).filter((name) => /VITEST|NODE_|npm_/.test(name))).toEqual([])
  expect(first).toMatchObject({ ok: true, cold: true, streaming: false, timedOut: false })

  const second = await lambda.invoke(null)
  expect(second.json()).not.toHaveProperty('xray')
  expect(second.cold).toBe(false)
})

test('errors: thrown, and an object that is none', async () => {
  const lambda = await startFunction(`export const handler = async (what) => {
    if (what === 'throw') throw new TypeError('no');
    throw { message: 'just an object' };
  }`)
  const thrown = await lambda.invoke('throw')
  expect(thrown).toMatchObject({
    ok: false,
    error: { errorType: 'TypeError', errorMessage: 'no' },
  })
  expect(thrown.error!.trace!.length).toBeGreaterThan(1)
  expect(thrown.json().errorType).toBe('TypeError')
  const object = await lambda.invoke('object')
  expect(object.ok).toBe(false)
  expect((await lambda.invoke('throw')).ok).toBe(false)
  expect(lambda.output).toContain('Invoke Error')
})

test('streaming: chunks as they come, prelude, error in the middle', async () => {
  const lambda = await startFunction(`
    const pause = () => new Promise((resolve) => setTimeout(resolve, 40));
    export const handler = awslambda.streamifyResponse(async (kind, stream) => {
      if (kind === 'prelude') {
        stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: 'b' } });
      }
      stream.write('one');
      await pause();
      if (kind === 'error') throw new RangeError('midway');
      stream.write('two');
      stream.end();
    });`)
  const plain = await lambda.invoke('plain')
  expect(plain).toMatchObject({ ok: true, streaming: true, text: 'onetwo', prelude: undefined })
  expect(plain.chunks.length).toBeGreaterThan(1)
  expect(plain.chunks.at(-1)!.at - plain.chunks[0]!.at).toBeGreaterThan(30)

  const withPrelude = await lambda.invoke('prelude')
  expect(withPrelude.prelude).toEqual({ statusCode: 201, headers: { a: 'b' } })
  expect(withPrelude.text).toBe('onetwo')

  const failed = await lambda.invoke('error')
  expect(failed).toMatchObject({ ok: false, text: 'one', error: { errorType: 'RangeError' } })
  expect(failed.trailers).toHaveProperty('lambda-runtime-function-error-type', 'RangeError')
})

test('a response above 6 MiB is refused, the environment lives on', async () => {
  const lambda = await startFunction(`export const handler = async (size) => 'x'.repeat(size)`)
  const big = await lambda.invoke(6 * 1024 * 1024 + 200)
  expect(big.error!.errorType).toBe('Function.ResponseSizeTooLarge')
  expect((await lambda.invoke(5 * 1024 * 1024)).body.length).toBe(5 * 1024 * 1024 + 2)
  expect((await lambda.invoke(1)).cold).toBe(false)
})

test('invocations are queued', async () => {
  const lambda = await startFunction(`export const handler = async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 60));
    return n;
  }`)
  const results = await Promise.all([1, 2, 3].map((n) => lambda.invoke(n)))
  expect(results.map((result) => result.json())).toEqual([1, 2, 3])
  expect(results[2]!.queuedMs).toBeGreaterThan(110)
  expect(results[2]!.responseMs).toBeLessThan(110)
})

test('a failing init rejects with the error and the output', async () => {
  const taskRoot = functionFolder({
    'throws.mjs': `console.log('hello'); throw new Error('at load'); export const handler = 1;`,
    'callback.mjs': `export const handler = (event, context, callback) => callback();`,
    'exits.mjs': `process.exit(7);`,
  })
  const start = (handler: string) => startLambda({ taskRoot, handler })
  await expect(start('throws.handler')).rejects.toThrow(/Error: at load[^]*hello/)
  await expect(start('callback.handler')).rejects.toThrow('Runtime.CallbackHandlerDeprecated')
  await expect(start('exits.handler')).rejects.toThrow('exit status 7')
  await expect(start('missing.handler')).rejects.toThrow('Runtime.ImportModuleError')
})
