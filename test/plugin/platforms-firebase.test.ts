import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import platform from '../../src/plugin/platforms/firebase.ts'
import { createProject } from './project-facts.ts'

const dependencies = ['firebase-functions']
const files = { 'firebase.json': '{ "functions": [{ "source": "functions" }] }' }

describe('detection', () => {
  test.each([
    [
      { dependencies, files },
      { signal: 'file', because: 'firebase.json' },
    ],
    [{ dependencies }, { signal: 'dependency', because: 'firebase-functions in package.json' }],
    [
      { dependencies, files: { 'firebase.json': '{ "hosting": {} }' } },
      { signal: 'dependency', because: 'firebase-functions in package.json' },
    ],
  ])('%j', (given, expected) => {
    expect(platform.detect(createProject(given))).toMatchObject(expected)
  })

  test.each([
    // A package of a repository that has functions elsewhere.
    [{ dependencies: ['@types/aws-lambda'], files }, 'aws-lambda'],
    [{ dependencies: ['@google-cloud/functions-framework'], files }, 'google-cloud-functions'],
    [{ dependencies: [...dependencies, '@google-cloud/functions-framework'] }, 'firebase'],
    [{ dependencies, files: { 'wrangler.toml': 'main = "a.ts"' } }, 'cloudflare'],
    [{ dependencies: ['firebase', 'firebase-admin'], files }, undefined],
  ])('%j is for %s', (given, id) => {
    expect(resolveBuild(resolveOptions({}), createProject(given)).platform?.id).toBe(id)
  })
})

test('what an entry of the SDK leads to imports that entry, or the same one of the second generation', () => {
  const { redirects } = platform.installers!['firebase']!
  for (const [specifier, file] of Object.entries(redirects!)) {
    const path = fileURLToPath(new URL(`../../src/runtime/installers/${file}.ts`, import.meta.url))
    expect(existsSync(path), path).toBe(true)
    const [imported, exported] = [...readFileSync(path, 'utf8').matchAll(/ from '(firebase[^']*)'/g)].map(
      ([, name]) => name,
    )
    expect(exported).toBe(imported)
    const second = specifier.replace(/^firebase-functions\/(?!v[12]$|v[12]\/)/, 'firebase-functions/v2/')
    expect(imported).toBe(second)
  }
})
