import { describe, expect, test } from 'vitest'
import awsLambda from '../../src/plugin/platforms/aws-lambda.ts'
import { createProject } from './project-facts.ts'

const SAM = 'Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n'
const DEFAULTS = ['handler', 'default', 'main', 'lambdaHandler']

describe('detection', () => {
  test.each([
    [{ files: { 'serverless.yml': '' } }, 'file', 'serverless.yml'],
    [{ files: { 'serverless.ts': '' } }, 'file', 'serverless.ts'],
    [{ files: { 'sst.config.ts': '' } }, 'file', 'sst.config.ts'],
    [{ files: { 'template.yaml': SAM } }, 'file', 'template.yaml'],
    [{ files: { 'template.json': '{"Type":"AWS::Lambda::Function"}' } }, 'file', 'template.json'],
    [{ files: { 'samconfig.toml': '' } }, 'file', 'samconfig.toml'],
    [{ files: { 'cdk.json': '' } }, 'file', 'cdk.json'],
    [{ dependencies: ['vite', '@types/aws-lambda'] }, 'dependency', '@types/aws-lambda in package.json'],
    [{ dependencies: ['@middy/core'] }, 'dependency', '@middy/core in package.json'],
    [{ env: { CODEBUILD_BUILD_ID: '1' } }, 'ci', 'CODEBUILD_BUILD_ID'],
    [{ files: { 'cdk.json': '' }, dependencies: ['sst'], env: { CODEBUILD_BUILD_ID: '1' } }, 'file', 'cdk.json'],
  ] as const)('%j', (given, signal, because) => {
    expect(awsLambda.detect(createProject(given))).toMatchObject({ signal, because })
  })

  test.each([
    {},
    { files: { 'template.yaml': 'a template of something else' } },
    { dependencies: ['vite'], env: { CI: 'true' } },
  ])('nothing in %j', (given) => {
    expect(awsLambda.detect(createProject(given))).toBeUndefined()
  })
})

function namesIn(files: Record<string, string>, path = 'src/app.ts', root = '/orders'): readonly string[] {
  const rule = awsLambda.handlers['onEvent']
  return rule?.form === 'export' ? rule.names(`${root}/${path}`, createProject({ files })) : []
}

describe('handler names', () => {
  test('without a deploy file', () => {
    expect(namesIn({})).toEqual(DEFAULTS)
  })

  test.each([
    ['serverless.yml', 'functions:\n  a:\n    handler: src/app.run # the orders\n  b:\n    handler: src/b.other\n'],
    ['serverless.yml', "functions:\r\n  a:\r\n    handler: './src/app.run'\r\n"],
    ['serverless.yml', 'functions:\n  a:\n    handler: ${self:custom.folder}/app.run\n'],
    ['serverless.json', '{ "functions": { "a": { "handler": "src/app.run" } } }'],
    ['serverless.ts', "export default { functions: { a: { handler: 'src/app.run' } } }"],
    ['serverless.ts', 'export default { functions: { a: { handler: `${folder}/app.run` } } }'],
    ['template.yaml', `${SAM}    Properties:\n      CodeUri: src/\n      Handler: app.run\n`],
    ['template.yaml', `${SAM}    Properties:\n      CodeUri: dist/\n      Handler: out/app.run\n`],
    ['template.json', '{"Type":"AWS::Lambda::Function","Properties":{"Handler":"app.run"}}'],
    ['sst.config.ts', 'new sst.aws.Function("Orders", { handler: "src/app.run" })'],
    ['sst.config.ts', "new sst.aws.Function('Orders', { handler: 'packages/orders/src/app.run' })"],
  ])('%s: %j', (file, text) => {
    expect(namesIn({ [file]: text })).toEqual(['run'])
  })

  test('one module may hold several', () => {
    const text = 'handler: src/app.create\nhandler: src/app.remove\nhandler: src/other.run'
    expect(namesIn({ 'serverless.yml': text })).toEqual(['create', 'remove'])
    expect(namesIn({ 'serverless.yml': text }, 'src/other.ts')).toEqual(['run'])
    expect(namesIn({ 'serverless.yml': text }, 'src/third.ts')).toEqual(DEFAULTS)
  })

  test('file names with brackets, dots and dashes', () => {
    const text = 'handler: src/[id].get\nhandler: src/user.create.run\nhandler: src/my-app.main'
    expect(namesIn({ 'serverless.yml': text }, 'src/[id].ts')).toEqual(['get'])
    expect(namesIn({ 'serverless.yml': text }, 'src/user.create.ts')).toEqual(['run'])
    expect(namesIn({ 'serverless.yml': text }, 'src/my-app.ts')).toEqual(['main'])
  })

  test('a name counts for its own folder, not for a longer one', () => {
    const text = 'handler: app.run'
    expect(namesIn({ 'serverless.yml': text }, 'src/my-app.ts')).toEqual(DEFAULTS)
  })

  test('in code only a string is a path', () => {
    expect(namesIn({ 'sst.config.ts': 'const a = { handler: handler.method }' }, 'src/handler.ts')).toEqual(DEFAULTS)
  })

  test('functions in other languages are no concern', () => {
    const text = `${SAM}      Handler: lambda_function.lambda_handler\n      Handler: com.example.App::handleRequest\n`
    expect(namesIn({ 'template.yaml': text }, 'src/orders.ts')).toEqual(DEFAULTS)
  })
})

test('a serverless.yml for another provider is not Lambda', () => {
  const files = (text: string) => ({ files: { 'serverless.yml': text } })
  expect(awsLambda.detect(createProject(files('provider:\n  name: google\n')))).toBeUndefined()
  expect(awsLambda.detect(createProject(files('provider: azure\n')))).toBeUndefined()
  expect(awsLambda.detect(createProject(files('provider:\n  name: aws\n')))).toBeDefined()
})

test('SST names handlers by position too, and file names are no handlers', () => {
  const text = `api.route('GET /', 'packages/api/src/orders.list'); new Asset('src/orders.ts')`
  expect(namesIn({ 'sst.config.ts': text }, 'packages/api/src/orders.ts', '/repo')).toEqual(['list'])
})
