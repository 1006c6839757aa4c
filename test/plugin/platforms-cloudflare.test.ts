import { matchesGlob } from 'pathe'
import { describe, expect, test } from 'vitest'
import cloudflare from '../../src/plugin/platforms/cloudflare.ts'
import { readWrangler } from '../../src/plugin/wrangler.ts'
import { createProject } from './project-facts.ts'

describe('detection', () => {
  test.each([
    [{ bundler: { plugins: ['vite-plugin-cloudflare'] } }, 'bundler', '@cloudflare/vite-plugin'],
    [{ bundler: { conditions: ['workerd'] } }, 'bundler', "esbuild resolves for 'workerd'"],
    [{ files: { 'wrangler.toml': '' } }, 'file', 'wrangler.toml'],
    [{ files: { 'wrangler.jsonc': '{' } }, 'file', 'wrangler.jsonc'],
    [{ dependencies: ['wrangler'] }, 'dependency', 'wrangler in package.json'],
    [{ env: { WORKERS_CI: '1' } }, 'ci', 'WORKERS_CI'],
  ])('%j', (given, signal, because) => {
    expect(cloudflare.detect(createProject(given))).toEqual({ signal, because })
  })

  test.each([{}, { dependencies: ['vite'], env: { CI: 'true' } }])('nothing in %j', (given) => {
    expect(cloudflare.detect(createProject(given))).toBeUndefined()
  })
})

describe('the configuration file', () => {
  const read = (files: Record<string, string>, env = {}) => readWrangler(createProject({ files, env }))

  test.each([
    [
      'wrangler.jsonc',
      `{ // a comment
        "main": "src/worker.ts", "compatibility_date": "2026-07-01", "compatibility_flags": ["nodejs_als"],
        "durable_objects": { "bindings": [
          { "name": "A", "class_name": "Counter" }, { "name": "B", "class_name": "Other", "script_name": "elsewhere" },
        ] },
      }`,
    ],
    [
      'wrangler.toml',
      `main = "src/worker.ts"
       compatibility_date = "2026-07-01"
       compatibility_flags = [ "nodejs_als" ]
       [[durable_objects.bindings]]
       name = "A"
       class_name = "Counter"`,
    ],
  ])('%s', (file, text) => {
    expect(read({ [file]: text })).toEqual({
      file,
      main: 'src/worker.ts',
      compatibilityDate: '2026-07-01',
      compatibilityFlags: ['nodejs_als'],
      classes: ['Counter'],
    })
  })

  test('in the order of wrangler', () => {
    const files = { 'wrangler.toml': 'main = "toml"', 'wrangler.jsonc': '{"main":"jsonc"}' }
    expect(read(files)?.main).toBe('jsonc')
    expect(read({ ...files, 'wrangler.json': '{"main":"json"}' })?.main).toBe('json')
  })

  test('an environment of it, chosen by CLOUDFLARE_ENV', () => {
    const files = { 'wrangler.toml': 'main = "a.ts"\n[env.staging]\ncompatibility_flags = ["nodejs_compat"]' }
    expect(read(files)).toMatchObject({ main: 'a.ts', compatibilityFlags: [] })
    expect(read(files, { CLOUDFLARE_ENV: 'staging' })).toMatchObject({
      main: 'a.ts',
      compatibilityFlags: ['nodejs_compat'],
    })
  })

  test.each([
    ['wrangler.json', '{ "main": '],
    ['wrangler.json', '7'],
    ['wrangler.toml', 'main = '],
  ])('%s with %j is not read, and says why', (file, text) => {
    expect(read({ [file]: text })).toMatchObject({ file, broken: expect.any(String), classes: [] })
  })

  test('its main is an entry, from where the file is', () => {
    expect(cloudflare.entries!(createProject({ files: { 'wrangler.toml': 'main = "./src/w.ts"' } }))).toEqual([
      '/orders/src/w.ts',
    ])
    expect(cloudflare.entries!(createProject({ files: { 'wrangler.toml': '' } }))).toEqual([])
  })
})

describe('Pages', () => {
  const isFunction = (file: string, wrangler: object | undefined, bundler = {}) => {
    const files: Record<string, string> = wrangler ? { 'wrangler.json': JSON.stringify(wrangler) } : {}
    const rule = cloudflare.handlers['onRequest']
    return rule?.form === 'export' && rule.names(file, createProject({ files, bundler })).length > 0
  }

  test('the modules in functions/ are entries, if the configuration is that of Pages', () => {
    const files = { 'wrangler.json': '{ "pages_build_output_dir": "site" }' }
    const [glob] = cloudflare.entries!(createProject({ root: '/[shop]', files }))
    expect(matchesGlob('/[shop]/functions/api/[id].ts', glob!)).toBe(true)
    expect(matchesGlob('/[shop]/src/app.ts', glob!)).toBe(false)
  })

  test.each([
    ['/orders/functions/api/[id].ts', { pages_build_output_dir: 'site' }, {}, true],
    ['/orders/functions/_middleware.js', undefined, {}, true],
    ['/orders/src/functions/job.ts', undefined, {}, false],
    ['/orders/functions/worker.ts', { main: 'functions/worker.ts' }, {}, false],
    ['/orders/functions/worker.ts', undefined, { builtins: [] }, false],
  ])('%s with %j: %s', (file, wrangler, bundler, expected) => {
    expect(isFunction(file, wrangler, bundler)).toBe(expected)
  })
})

describe('context', () => {
  const contextOf = (date: string | undefined, flags: string[]) => {
    const config = JSON.stringify({ compatibility_date: date, compatibility_flags: flags })
    return cloudflare.context!(createProject({ files: { 'wrangler.json': config } }))
  }

  test.each([
    ['2026-07-01', ['nodejs_als'], 'als', 'nodejs_als'],
    ['2026-07-01', ['global_fetch_strictly_public', 'nodejs_compat'], 'als', 'nodejs_compat'],
    ['2026-07-01', [], 'stack', 'compatibility date 2026-07-01'],
    ['2026-08-04', [], 'als', 'compatibility date 2026-08-04'],
    ['2026-08-04', ['no_nodejs_compat'], 'als', 'compatibility date 2026-08-04'],
    ['2026-08-04', ['no_nodejs_compat', 'no_nodejs_compat_v2'], 'stack', 'compatibility date 2026-08-04'],
    [undefined, [], 'stack', 'no compatibility date is known'],
  ] as const)('%s with %j: %s', (date, flags, context, because) => {
    expect(contextOf(date, [...flags])).toEqual({ context, because })
  })

  test('what the bundler resolved comes before any file', () => {
    const given = (builtins: string[]) =>
      createProject({ bundler: { builtins }, files: { 'wrangler.toml': 'compatibility_flags = ["nodejs_als"]' } })
    expect(cloudflare.context!(given(['node:async_hooks']))?.context).toBe('als')
    expect(cloudflare.context!(given(['cloudflare:workers']))?.context).toBe('stack')
  })
})
