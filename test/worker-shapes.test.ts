/** Whatever a Worker exports behaves as without us, in real workerd. */
import path from 'node:path'
import { expect, test } from 'vitest'
import { deployWorker, type DeployWorkerOptions } from './deploy-worker.ts'
import { functions } from './deploy.ts'
import { talk } from './harness/web-socket.ts'

const source = path.join(functions, 'shapes-worker.ts')
const entrypoint = (name: string) => ({ name: 'main', entrypoint: name })
const bindings: DeployWorkerOptions = {
  durableObjects: { LEGACY: 'Legacy', TALKER: 'Talker' },
  services: {
    SECRETIVE: entrypoint('secretive'),
    INHERITING: entrypoint('inheriting'),
    BASE: entrypoint('Base'),
    DERIVED: entrypoint('Derived'),
  },
}

test('getters, prototypes, private members, new.target, inheritance, legacy objects: as without us', async () => {
  const ours = await deployWorker(source, {
    ...bindings,
    otel: { handlers: ['default', 'secretive', 'inheriting', 'Base', 'Derived', 'Legacy', 'Talker'] },
  })
  const control = await deployWorker(source, { ...bindings, otel: false })
  for (const route of [
    'secretive',
    'secretive',
    'inheriting',
    'base',
    'derived',
    'own',
    'missing',
    'utility',
    'legacy',
  ]) {
    const [mine, theirs] = await Promise.all([ours.worker.fetch(`/${route}`), control.worker.fetch(`/${route}`)])
    expect([route, mine.status, await mine.text()]).toEqual([route, theirs.status, await theirs.text()])
    await ours.worker.settled()
    await control.worker.settled()
  }
  const handlers = new Set(ours.receiver.spans.map(({ attributes }) => attributes['code.function.name']))
  expect([...handlers].toSorted()).toEqual(
    ['default.fetch', 'secretive.fetch', 'inheriting.fetch', 'Base.fetch', 'Derived.fetch', 'Legacy.fetch'].toSorted(),
  )
  // One invocation for one event: what a handler calls on itself is its own business.
  expect(ours.receiver.spans).toHaveLength(9 + 6)
})

test('a hibernating WebSocket: each message is an event', async () => {
  const { worker, receiver } = await deployWorker(source, bindings)
  expect(await talk(new URL('/talker', worker.url), ['hello'])).toEqual(['Talker heard hello'])
  await expect
    .poll(() => receiver.spans.map(({ name }) => name), { timeout: 5000 })
    .toContain('Talker/webSocketMessage')
})

test('what the user does with the exports: statics, private members, setters, frozen ones', async () => {
  const reflective = path.join(functions, 'reflective-worker.ts')
  const names = ['Counter', 'Locked', 'service', 'frozen']
  const options: DeployWorkerOptions = {
    durableObjects: { COUNTER: 'Counter' },
    services: { LOCKED: entrypoint('Locked'), SERVICE: entrypoint('service'), FROZEN: entrypoint('frozen') },
  }
  const ours = await deployWorker(reflective, { ...options, otel: { handlers: ['default', ...names] } })
  const control = await deployWorker(reflective, { ...options, otel: false })
  for (const route of ['counter', 'reflection', 'locked', 'service', 'frozen']) {
    const [mine, theirs] = await Promise.all([ours.worker.fetch(`/${route}`), control.worker.fetch(`/${route}`)])
    expect([route, mine.status, await mine.text()]).toEqual([route, theirs.status, await theirs.text()])
    await ours.worker.settled()
    await control.worker.settled()
  }
  const called = ours.receiver.spans.map(({ attributes }) => attributes['code.function.name'])
  expect(called.filter((name) => name !== 'default.fetch').toSorted()).toEqual(
    ['Counter.count', 'Locked.fetch', 'frozen.fetch', 'service.fetch'].toSorted(),
  )
})
