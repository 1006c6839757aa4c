import { expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import nodeServer from '../../src/plugin/platforms/node-server.ts'
import { createProject } from './project-facts.ts'

const detected = (given: Parameters<typeof createProject>[0]) => nodeServer.detect(createProject(given))

test.each(['express', 'fastify', 'koa', '@hono/node-server', '@hapi/hapi', '@nestjs/platform-express'])(
  '%s',
  (name) => {
    const because = `${name} in package.json`
    expect(detected({ dependencies: [name] })).toEqual({ signal: 'server', because })
  },
)

test.each([
  ['node dist/server.js', true],
  ['NODE_ENV=production node --enable-source-maps dist/server.mjs', true],
  ['exec node .', true],
  ['node -r dotenv/config build/index.js', true],
  ['nodemon src/index.ts', false],
  ['ts-node src/index.ts', false],
  ['next start', false],
  ['node --version', false],
])('start: %s', (start, isServer) => {
  expect(detected({ start })?.because).toBe(isServer ? 'the start script in package.json' : undefined)
})

test.each([
  ['Dockerfile', 'FROM node:24\nCOPY . .\nRUN node build.mjs\nCMD ["node", "dist/server.js"]\n', true],
  ['Dockerfile', 'FROM node:24\nENTRYPOINT ["/usr/local/bin/node", "--enable-source-maps", "dist/server.js"]', true],
  ['Dockerfile', 'FROM node:24\nRUN node build.mjs\nFROM nginx\nCMD ["nginx"]', false],
  ['Dockerfile', 'FROM node:24\nENTRYPOINT ["node", "node_modules/.bin/aws-lambda-ric"]\nCMD ["index.handler"]', false],
  ['Procfile', 'release: node migrate.js\nweb: node dist/server.js\n', true],
  ['Procfile', 'release: node migrate.js\n', false],
])('%s: %s', (file, text, isServer) => {
  expect(detected({ files: { [file]: text } })?.because).toBe(isServer ? file : undefined)
})

test.each([
  {},
  { dependencies: ['hono'] },
  { scripts: ['node build.mjs'] },
  // An adapter calls the app, and nothing listens.
  { dependencies: ['express', 'serverless-http'] },
  { dependencies: ['fastify', '@fastify/aws-lambda'] },
  { dependencies: ['express', 'aws-lambda-ric'] },
  { dependencies: ['express'], env: { VERCEL: '1' } },
  { dependencies: ['express'], development: ['express'] },
  { dependencies: ['express'], isLibrary: true },
  { start: 'node dist/server.js', isLibrary: true },
])('nothing in %j', (given) => {
  expect(detected(given)).toBeUndefined()
})

test.each([
  [{ dependencies: ['express', 'wrangler'] }, 'cloudflare'],
  [{ dependencies: ['express', '@types/aws-lambda'] }, 'aws-lambda'],
  [{ dependencies: ['express', '@google-cloud/functions-framework'] }, 'google-cloud-functions'],
  [{ dependencies: ['express'], files: { 'netlify.toml': '[build]\n' } }, 'netlify'],
  [{ dependencies: ['express'], env: { CODEBUILD_BUILD_ID: '1' } }, 'aws-lambda'],
  [{ dependencies: ['express'], files: { Dockerfile: 'CMD node server.js' } }, 'node-server'],
])('whatever names a platform wins, without a tie: %j', (given, id) => {
  const { platform, detected: all } = resolveBuild(resolveOptions(), createProject(given))
  expect(platform?.id).toBe(id)
  expect(all.filter(({ isTie }) => isTie)).toEqual([])
})

test('builds for browsers and for other runtimes are none of a server', () => {
  const dependencies = ['express']
  const browser = createProject({ dependencies, bundler: { platform: 'browser' } })
  expect(resolveBuild(resolveOptions(), browser).platform).toBeUndefined()
  const worker = createProject({ dependencies, bundler: { conditions: ['worker'] } })
  expect(resolveBuild(resolveOptions(), worker).platform).toBeUndefined()
})

test('each entry brings the installer; the module needs no export', () => {
  const project = createProject({ dependencies: ['express'] })
  const options = resolveOptions()
  const build = resolveBuild(options, project)
  const { installers, host, kinds } = toFacts(build.of('/orders/src/app.ts')!, build, options, project)
  expect({ installers, host, kinds }).toEqual({
    installers: [{ file: 'http-server', registrar: 'http.Server', kinds: ['onRequest'], redirects: false }],
    host: 'server',
    kinds: {},
  })
})
