import { describe, expect, test } from 'vitest'
import platform from '../../src/plugin/platforms/google-cloud-functions.ts'
import awsLambda from '../../src/plugin/platforms/aws-lambda.ts'
import type { ExportRule } from '../../src/plugin/define-platform.ts'
import { createProject } from './project-facts.ts'

const SERVERLESS = 'provider:\n  name: google\nfunctions:\n  first:\n    handler: helloHttp\n'

describe('detection', () => {
  test.each([
    [
      { dependencies: ['@google-cloud/functions-framework'] },
      'dependency',
      '@google-cloud/functions-framework in package.json',
    ],
    [{ files: { 'serverless.yml': SERVERLESS } }, 'file', 'serverless.yml'],
  ] as const)('%j', (given, signal, because) => {
    expect(platform.detect(createProject(given))).toMatchObject({ signal, because })
    expect(awsLambda.detect(createProject(given))).toBeUndefined()
  })

  test.each([
    { dependencies: ['express', '@google-cloud/firestore'] },
    { files: { 'serverless.yml': 'provider:\n  name: aws\n' } },
  ])('not %j', (given) => {
    expect(platform.detect(createProject(given))).toBeUndefined()
  })
})

test('exports that a target names are handlers', () => {
  const names = (given: Parameters<typeof createProject>[0]) =>
    (platform.handlers['onExport'] as ExportRule).names('/orders/src/index.ts', createProject(given))
  expect(names({})).toEqual(['function'])
  expect(names({ env: { FUNCTION_TARGET: 'hello' } })).toEqual(['function', 'hello'])
  expect(
    names({ scripts: ['functions-framework --target=hello --port 1', 'gcloud functions deploy x --entry-point main'] }),
  ).toEqual(['function', 'hello', 'main'])
  expect(names({ files: { 'serverless.yml': SERVERLESS } })).toEqual(['function', 'helloHttp'])
})
