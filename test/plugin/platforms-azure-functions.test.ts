import { expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import { resolveOptions } from '../../src/plugin/resolve-options.ts'
import azure from '../../src/plugin/platforms/azure-functions.ts'
import { createProject } from './project-facts.ts'

const BUNDLE = JSON.stringify({
  extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle', version: '[4.0.0, 5.0.0)' },
  version: '2.0',
})

test.each([
  [{ files: { 'host.json': '{\n  "version": "2.0" }' } }, 'file', 'host.json'],
  [{ files: { 'host.json': BUNDLE } }, 'file', 'host.json'],
  [{ dependencies: ['@azure/functions'] }, 'dependency', '@azure/functions in package.json'],
])('%j', (given, signal, because) => {
  expect(azure.detect(createProject(given))).toMatchObject({ signal, because })
})

test.each([
  {},
  { files: { 'host.json': '{ "hosts": [] }' } },
  // The host refuses any other: it is a file of somebody else's.
  ...['3.0', '4.0', '2.1.0', '^2.0.0'].map((version) => ({ files: { 'host.json': JSON.stringify({ version }) } })),
  { dependencies: ['@azure/storage-blob'] },
])('nothing in %j', (given) => {
  expect(azure.detect(createProject(given))).toBeUndefined()
})

test.each([
  [['@azure/functions'], ['azure-functions']],
  [[], []],
])('with %j installed, what is imported is %j', (dependencies, expected) => {
  const project = createProject({ dependencies })
  const options = resolveOptions({ platform: 'azure-functions' })
  const build = resolveBuild(options, project)
  const { installers = [] } = toFacts(build.of('/orders/src/app.ts')!, build, options, project)
  expect(installers.map(({ file }) => file)).toEqual(expected)
})
