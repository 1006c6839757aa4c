/** What `withOtel()` makes of a configuration, for webpack. What Next.js makes of that is in test/next.test.ts. */
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { withOtel, type Options } from '../../src/plugin/next.ts'

// It is off under Vitest by itself.
const on: Options = { enabled: true, serviceName: 'shop' }

// oxlint-disable-next-line typescript/no-explicit-any
type Extended = any

beforeEach(() => vi.stubEnv('TURBOPACK', undefined))
afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('the same kind comes back', () => {
  const config = { reactStrictMode: true }
  const added = { transpilePackages: ['unplugin-otel', '@opentelemetry/api'], webpack: expect.any(Function) }
  const extended = { reactStrictMode: true, ...added }

  test('an object', () => {
    const own = Object.freeze({ ...config })
    expectTypeOf(withOtel(own, on)).toEqualTypeOf<Readonly<typeof config>>()
    expect(withOtel(own, on)).toEqual(extended)
  })

  test('nothing', () => expect(withOtel(undefined, on)).toEqual(added))

  test('a promise', async () => {
    const result = withOtel(Promise.resolve(config), on)
    expect(result).toBeInstanceOf(Promise)
    expect(await result).toEqual(extended)
  })

  test('a function, with what Next calls it with', () => {
    const given = vi.fn((phase: string, { defaultConfig }: { defaultConfig: object }) => ({ phase, ...defaultConfig }))
    const result = withOtel(given, on)
    expect(given).not.toHaveBeenCalled()
    expect(result('phase-production-build', { defaultConfig: config })).toEqual({
      phase: 'phase-production-build',
      ...extended,
    })
  })

  test('an async function, and its error', async () => {
    expect(await withOtel(async (phase: string) => ({ phase }), on)('phase-export')).toMatchObject({
      phase: 'phase-export',
      webpack: expect.any(Function),
    })
    const error = new Error('no secret')
    await expect(withOtel(async () => Promise.reject<object>(error), on)()).rejects.toBe(error)
  })

  test.each<[string, object]>([
    ['object', config],
    ['promise', Promise.resolve(config)],
    ['function', () => config],
  ])('turned off, the very same %s', (_, own) => {
    expect(withOtel(own, { enabled: false })).toBe(own)
    expect(withOtel(own)).toBe(own)
  })

  test('options that cannot be meant are said at once', () => {
    // @ts-expect-error it is `serviceName`
    expect(() => withOtel(config, { enabled: true, servicename: 'shop' })).toThrow(
      "[unplugin-otel] otel(): unknown option 'servicename'\nDid you mean 'serviceName'?",
    )
    // @ts-expect-error not a string
    expect(() => withOtel(() => config, { serviceName: 7 })).toThrow('serviceName is 7')
  })
})

describe('webpack', () => {
  class Own {
    apply() {}
  }
  const context = (isServer: boolean) => ({ isServer, dir: '/shop', dev: false, nextRuntime: 'nodejs' })
  const names = ({ plugins = [] }: Extended) => plugins.map((plugin: object) => plugin.constructor.name)

  test('a plugin behind those that are there, and no rules', () => {
    const config: Extended = withOtel({ turbopack: { resolveAlias: {} } }, on)
    expect(config.turbopack).toEqual({ resolveAlias: {} })
    const given = { plugins: [new Own()] }
    const result = config.webpack(given, context(true))
    expect(result).toBe(given)
    expect(names(result)).toEqual(['Own', 'Object'])
    expect(result.plugins[1].apply).toBeTypeOf('function')
    expect(config.webpack({}, context(true)).plugins).toHaveLength(1)
  })

  test('what the browser gets is looked at once it is made; in dev not even that', () => {
    const config: Extended = withOtel({}, on)
    const dev = Object.freeze({ plugins: Object.freeze([]) })
    expect(config.webpack(dev, { ...context(false), dev: true })).toBe(dev)
    const check = (options: Options, code: string) => {
      const extended: Extended = withOtel({}, { ...on, ...options })
      const { plugins } = extended.webpack({ plugins: [] }, context(false))
      const done = { warnings: [] as Error[], errors: [] as Error[] }
      const compilation = {
        ...done,
        hooks: { afterProcessAssets: { tap: (_name: string, run: () => void) => run() } },
        entrypoints: new Map(),
        getAssets: () => [{ name: 'static/chunks/a.js', source: { source: () => code } }],
      }
      const tap = (_name: string, run: (one: object) => void) => run(compilation)
      for (const plugin of plugins) plugin.apply({ hooks: { thisCompilation: { tap } } })
      return [done.warnings, done.errors].map((each) => each.map(({ message }) => message))
    }
    const broken = 'Symbol.for("unplugin-otel.v1.invocation")'
    const message = expect.stringMatching(/static\/chunks\/a\.js our runtime is in it[^]*UO122/)
    expect(check({}, broken)).toEqual([[message], []])
    expect(check({ strict: true }, broken)).toEqual([[], [message]])
    expect(check({ strict: true }, 'fine')).toEqual([[], []])
  })

  test.each([
    ['the same object', (given: object) => Object.assign(given, { mine: true })],
    ['a new object', (given: object) => ({ ...given, plugins: [new Own()], mine: true })],
    ['nothing', (given: object) => void Object.assign(given, { mine: true })],
  ])('the user’s function is called as by Next, and its result kept: %s', (_, own) => {
    const webpack = vi.fn(own)
    const config: Extended = withOtel({ webpack }, on)
    const given = { plugins: [new Own()] }
    const of = context(true)
    const result = config.webpack(given, of)
    expect(webpack.mock.calls).toEqual([[given, of]])
    expect(webpack.mock.calls[0]![1 as never]).toBe(of)
    expect(result.mine).toBe(true)
    expect(names(result)).toEqual(['Own', 'Object'])
    config.webpack({ plugins: [] }, context(false))
    expect(webpack).toHaveBeenCalledTimes(2)
  })

  test('twice: each has its plugin, the user’s function is called once', () => {
    const webpack = vi.fn()
    const config: Extended = withOtel(withOtel({ webpack }, on), on)
    expect(config.webpack({}, context(true)).plugins).toHaveLength(2)
    expect(webpack).toHaveBeenCalledTimes(1)
  })
})
