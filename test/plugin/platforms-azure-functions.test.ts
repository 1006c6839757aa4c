import { expect, test } from 'vitest'
import { resolveBuild } from '../../src/plugin/build.ts'
import { toFacts } from '../../src/plugin/facts.ts'
import { resolveOptions } from '../../src/plugin/options.ts'
import azure from '../../src/plugin/platforms/azure-functions.ts'
import { createProject } from './project-facts.ts'

test.each([
  [{ files: { 'host.json': '{\n  "version": "2.0" }' } }, 'file', 'host.json'],
  [{ dependencies: ['@azure/functions'] }, 'dependency', '@azure/functions in package.json'],
])('%j', (given, signal, because) => {
  expect(azure.detect(createProject(given))).toEqual({ signal, because })
})

test.each([{}, { files: { 'host.json': '{ "hosts": [] }' } }, { dependencies: ['@azure/storage-blob'] }])(
  'nothing in %j',
  (given) => {
    expect(azure.detect(createProject(given))).toBeUndefined()
  },
)

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
