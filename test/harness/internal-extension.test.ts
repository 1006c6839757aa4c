import { expect, onTestFinished, test } from 'vitest'
import { functionFolder, startFunction } from './function-folder.ts'
import { createJournal } from './journal.ts'
import { startLambda } from './lambda-host.ts'

/** What an internal extension needs. Awaiting the first event/next in init would be a deadlock: init ends after it. */
const EXTENSION = `
  import { request } from 'node:http';
  const call = (method, path, headers, body) => new Promise((resolve, reject) => {
    const url = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2020-01-01/extension/' + path;
    request(url, { method, headers, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      const id = response.headers['lambda-extension-identifier'];
      resolve({ status: response.statusCode, id, body: JSON.parse(text) });
    }).on('error', reject).end(body);
  });
  const register = (events = ['INVOKE']) =>
    call('POST', 'register', { 'Lambda-Extension-Name': 'mine' }, JSON.stringify({ events }));
  const next = (id) => call('GET', 'event/next', { 'Lambda-Extension-Identifier': id });
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
`

const HOLDS_200_MS = `${EXTENSION}
  const { id } = await register();
  (async () => {
    for (;;) {
      const event = await next(id);
      await pause(200);
      console.log('extension done with', event.body.requestId);
    }
  })();
  export const handler = async () => 'fast';
`

test('an internal extension keeps the environment busy until it asks for next', async () => {
  const journal = createJournal()
  const lambda = await startFunction(HOLDS_200_MS, { journal })
  expect(lambda.coldStart.registered).toEqual(['mine'])
  const first = await lambda.invoke({})
  expect(first.responseMs).toBeLessThan(150)
  expect(lambda.state).toBe('running')
  const second = await lambda.invoke({})
  expect(second.queuedMs).toBeGreaterThan(120)
  expect(first.busyMs).toBeGreaterThan(120)
  expect(lambda.output).toContain(`extension done with ${first.requestId}`)
  const types = journal.entries.map((entry) => entry.type)
  const asked = types.indexOf('extension-next', types.indexOf('response-last-byte'))
  expect(types.slice(asked, asked + 4)).toEqual(['extension-next', 'invoke-finished', 'freeze', 'thaw'])
})

test('the deadline counts until the extension asks for next', async () => {
  const journal = createJournal()
  const lambda = await startFunction(
    `${EXTENSION}
    const { id } = await register();
    next(id); // and never again
    export const handler = async () => 'fast';`,
    { journal, timeoutMs: 250 },
  )
  const first = await lambda.invoke({})
  expect(first).toMatchObject({ ok: true, timedOut: false })
  await first.finished
  expect(first.timedOut).toBe(true)
  expect(first.ok).toBe(true)
  expect(await lambda.invoke({})).toMatchObject({ ok: true, cold: true })
  expect(journal.of('reset')).toHaveLength(1)
})

test('an awaited registration is accepted, one that is not awaited loses the race every time', async () => {
  for (let run = 0; run < 4; run++) {
    expect(
      await registrations(
        'index.mjs',
        `const { id } = await register();
        (async () => { for (;;) await next(id); })();
        export const handler = async () => {};`,
      ),
    ).toEqual([true])
    expect(
      await registrations(
        'index.mjs',
        `const registered = register();
        export const handler = async () => (await registered).status;`,
      ),
    ).toEqual([false])
  }
})

test('a CommonJS handler that does not await loses it too; a thenable namespace wins it', async () => {
  expect(
    await registrations(
      'index.cjs',
      `const registered = register();
      exports.handler = async () => (await registered).status;`,
    ),
  ).toEqual([false])
  expect(
    await registrations(
      'index.cjs',
      `exports.handler = async () => {};
      exports.then = (resolve) => register().then(({ id }) => {
        (async () => { for (;;) await next(id); })();
        const { then, ...namespace } = exports;
        resolve(namespace);
      });`,
    ),
  ).toEqual([true])
})

test('a handler learns that it registered too late', async () => {
  const lambda = await startFunction(`${EXTENSION}
    const registered = register();
    export const handler = async () => (await registered).body.errorType;`)
  expect((await lambda.invoke({})).json()).toBe('Extension.RegistrationClosed')
})

test('init does not end while a registered agent has not asked for next', async () => {
  const source = `${EXTENSION} await register(); export const handler = async () => {};`
  await expect(startFunction(source, { initTimeoutMs: 300 })).rejects.toThrow('init did not end')
})

test('registration can be refused', async () => {
  const lambda = await startFunction(
    `${EXTENSION}
    const reply = await register();
    export const handler = async () => [reply.status, reply.body.errorType];`,
    { registration: 'refuse' },
  )
  expect((await lambda.invoke({})).json()).toEqual([403, 'Extension.TooManyExtensions'])
  expect(lambda.coldStart.registered).toEqual([])
})

test('SIGTERM comes when an agent is registered, with 150 ms to use it', async () => {
  const journal = createJournal()
  const lambda = await startFunction(
    `${HOLDS_200_MS.replace('await pause(200);', '')}
    process.on('SIGTERM', () => {
      console.log('got SIGTERM');
      setTimeout(() => console.log('after 60 ms'), 60);
      setTimeout(() => console.log('after 400 ms'), 400);
    });`,
    { journal },
  )
  await (
    await lambda.invoke({})
  ).finished
  await expect.poll(() => lambda.state).toBe('frozen')
  await lambda.stop()
  expect(lambda.output).toContain('got SIGTERM')
  expect(lambda.output).toContain('after 60 ms')
  expect(lambda.output).not.toContain('after 400 ms')
  const [term] = journal.of('sigterm')
  const [exit] = journal.of('exit')
  expect(exit).toMatchObject({ signal: 'SIGKILL' })
  expect(exit!.at - term!.at).toBeGreaterThan(130)
})

/** Whether each registration of the function was accepted. */
async function registrations(file: 'index.mjs' | 'index.cjs', source: string): Promise<unknown[]> {
  const journal = createJournal()
  const esm = file === 'index.mjs'
  const extension = esm ? EXTENSION : EXTENSION.replace(/import (.*) from (.*);/, 'const $1 = require($2);')
  const taskRoot = functionFolder({ [file]: `${extension} ${source}` })
  const lambda = await startLambda({ taskRoot, handler: 'index.handler', journal })
  onTestFinished(() => lambda.stop())
  await (
    await lambda.invoke({})
  ).finished
  await lambda.stop()
  return journal.of('register').map((entry) => entry.accepted)
}
