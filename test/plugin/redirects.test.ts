/** What a bundler's list of externals has to say where imports are redirected, in every form that it may have. */
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createPipeline } from '../../src/plugin/index.ts'
import { CAUGHT, createRedirects } from '../../src/plugin/installers.ts'
import { withoutOurs } from '../../src/plugin/rollup-like.ts'
import { externalsWithoutOurs } from '../../src/plugin/webpack-externals.ts'
import { createBundler } from './project-facts.ts'

const FRAMEWORK = '@google-cloud/functions-framework'
const USER = '/orders/src/index.ts'
/** A file of ours, as the bundlers see it. */
const OURS = fileURLToPath(new URL('../../src/runtime/installers/functions-framework/exports.js', import.meta.url))

function create(platform: 'google-cloud-functions' | 'aws-lambda' = 'google-cloud-functions') {
  const pipeline = createPipeline({ platform, enabled: true }, createBundler(), {})
  return { pipeline, redirects: createRedirects<string>(pipeline) }
}

describe('what is ours', () => {
  test('the user’s import of what an installer stands in for; not our own of it', () => {
    const { redirects } = create()
    expect(redirects.isOurs(FRAMEWORK, USER)).toBe(true)
    expect(redirects.isOurs(FRAMEWORK, OURS)).toBe(false)
    expect(redirects.isOurs(FRAMEWORK, '/orders/node_modules/unplugin-otel/dist/runtime/installers/a.js')).toBe(false)
    expect(redirects.isOurs(`${FRAMEWORK}/testing`, USER)).toBe(false)
    expect(redirects.isOurs('unplugin-otel/runtime/node', USER)).toBe(true)
  })

  test('what is caught is that of the platform', () => {
    for (const platform of ['google-cloud-functions', 'aws-lambda'] as const) {
      const { caught, isByImporter } = create(platform).redirects
      const specifiers = ['unplugin-otel/runtime/node', '@opentelemetry/api', FRAMEWORK, 'unplugin-otel/vite', 'orders']
      const isGoogle = platform === 'google-cloud-functions'
      expect(specifiers.map((specifier) => caught.test(specifier))).toEqual([true, true, isGoogle, false, false])
      expect(isByImporter).toBe(isGoogle)
    }
  })

  test('the files that it led to, and what they import by their paths: Rollup asks again with those', () => {
    const isExternal = withoutOurs([/node_modules/], create().redirects.isOurs)
    const runtime = '/orders/node_modules/unplugin-otel/dist/runtime/node.js'
    const { redirects } = create()
    const { file: api } = redirects.resolve('@opentelemetry/api', USER, 'import') as { file: string }
    expect(api).toContain('/node_modules/@opentelemetry/api/')
    for (const path of [runtime, OURS, api, api.replace(/[^/]*$/, 'internal/global-utils.mjs')]) {
      expect(isExternal(path, USER, true), path).toBe(false)
      expect(redirects.isOurs('./node_modules/x.js', path), path).toBe(true)
    }
    for (const path of ['/orders/node_modules/left-pad/index.js', '/orders/node_modules/@opentelemetry/api-logs/a.js'])
      expect(isExternal(path, USER, true), path).toBe(true)
    expect(redirects.isOurs('./a.js', USER)).toBe(false)
    expect(redirects.isOurs('./a.js', undefined)).toBe(false)
    expect(redirects.isOurs('node:fs', runtime)).toBe(false)
  })

  test('nothing of the kind on another platform', () => {
    const { redirects } = create('aws-lambda')
    expect(redirects.isOurs(FRAMEWORK, USER)).toBe(false)
    expect(redirects.resolve(FRAMEWORK, USER, 'import')).toBeUndefined()
  })

  test('the narrow resolve catches whole specifiers only', () => {
    for (const specifier of [FRAMEWORK, 'firebase-functions', 'firebase-functions/v2/https', '@opentelemetry/api']) {
      expect(CAUGHT.test(specifier), specifier).toBe(true)
    }
    for (const specifier of [
      `${FRAMEWORK}/testing`,
      'firebase-functions/logger',
      'my-firebase-functions',
      '',
      './https',
    ]) {
      expect(CAUGHT.test(specifier), specifier).toBe(false)
    }
  })
})

describe('what we leave external if the user does', () => {
  const isOurs = create().redirects.isOurs

  test.each([[[FRAMEWORK]], [/functions/], [(id: string) => id === FRAMEWORK], [FRAMEWORK]])(
    'Rollup: %s',
    (external) => {
      const isExternal = withoutOurs(external as never, isOurs)
      expect(Boolean(isExternal(FRAMEWORK, USER, false))).toBe(false)
      expect(Boolean(isExternal(FRAMEWORK, OURS, false))).toBe(true)
      expect(Boolean(isExternal('unplugin-otel/runtime/node', USER, false))).toBe(false)
    },
  )

  /** As webpack asks: one item after the other, until one says what it is. */
  async function ask(externals: unknown, request: string, issuer: string): Promise<unknown> {
    for (const item of [externals].flat(Infinity)) {
      const found = await new Promise((resolve) => {
        if (typeof item === 'function') {
          const asked = item({ request, context: '/orders', contextInfo: { issuer } }, (_: unknown, result: unknown) =>
            resolve(result),
          )
          if (typeof asked?.then === 'function') asked.then(resolve)
        } else resolve((item as Record<string, unknown>)[request])
      })
      if (found) return found
    }
    return undefined
  }

  test.each([
    ['a string', FRAMEWORK, true],
    ['a regular expression', /functions/, true],
    ['an object', { [FRAMEWORK]: 'commonjs framework' }, 'commonjs framework'],
    ['a list', ['express', { [FRAMEWORK]: 'framework' }], 'framework'],
    [
      'a function that calls back',
      ({ request }: { request: string }, done: (e: null, r?: string) => void) => done(null, `module ${request}`),
      `module ${FRAMEWORK}`,
    ],
    ['a promise', async ({ request }: { request: string }) => `module ${request}`, `module ${FRAMEWORK}`],
    [
      'the old function',
      (_: string, request: string, done: (e: null, r?: string) => void) => done(null, `commonjs ${request}`),
      `commonjs ${FRAMEWORK}`,
    ],
  ])('webpack: %s', async (_, externals, expected) => {
    const kept = externalsWithoutOurs(externals, isOurs)
    expect(await ask(kept, FRAMEWORK, USER)).toBeFalsy()
    expect(await ask(kept, FRAMEWORK, OURS)).toEqual(expected)
    expect(await ask(kept, 'unplugin-otel/runtime/node', USER)).toBeFalsy()
  })

  test('webpack: what is beside it in an object stays', async () => {
    const kept = externalsWithoutOurs({ [FRAMEWORK]: 'a', express: 'b', byLayer: { web: 'c' } }, isOurs)
    expect(await ask(kept, 'express', USER)).toBe('b')
    expect(kept[0]).toHaveProperty('byLayer')
  })
})
