import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { platformIds } from '../../src/plugin/known-platforms.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import { createProject } from './project-facts.ts'

const namesIn = (folder: string) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url)).map((file) => file.replace(/\.ts$/, ''))

test.each(['src/plugin/platforms', 'src/runtime/platforms', 'test/fixtures'])(
  '%s has one entry for each platform',
  (folder) => {
    expect(namesIn(folder).toSorted()).toEqual([...platformIds].toSorted())
  },
)

test.each([
  ['firebase', ['wrangler', 'firebase-functions']],
  ['azure-functions', ['@types/aws-lambda', '@azure/functions']],
  ['azure-functions', ['serverless', 'aws-cdk-lib', '@azure/functions']],
  ['google-cloud-functions', ['@google-cloud/functions-framework', 'sst', '@cloudflare/workers-types']],
  ['netlify', ['@types/aws-lambda', '@netlify/functions']],
  ['aws-lambda', ['wrangler', 'netlify-cli', '@middy/core']],
  // Of equals the first by name.
  ['aws-lambda', ['wrangler', 'netlify-cli', '@types/aws-lambda']],
  ['azure-functions', ['firebase-functions', '@azure/functions']],
])('%s: what functions import says more than command lines and types, of %j', (id, dependencies) => {
  const { platform, because } = resolveBuild(resolveOptions(), createProject({ dependencies }))
  expect(platform?.id).toBe(id)
  expect(dependencies.map((name) => `${name} in package.json`)).toContain(because)
})

test.each([
  ['cloudflare', { files: { 'wrangler.toml': '' }, dependencies: ['firebase-functions'] }],
  ['cloudflare', { bundler: { conditions: ['workerd'] }, dependencies: ['@azure/functions'] }],
  ['azure-functions', { env: { WORKERS_CI: '1' }, dependencies: ['@azure/functions'] }],
])('%s: a dependency of any kind is less than a file and more than CI, in %j', (id, given) => {
  expect(resolveBuild(resolveOptions(), createProject(given)).platform?.id).toBe(id)
})
