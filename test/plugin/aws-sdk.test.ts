/** The module whose class the runtime is given, in the versions of the SDK that there have been. */
import { expect, test } from 'vitest'
import { CLIENT_MODULE, handOverClient } from '../../src/plugin/aws-sdk.ts'
import { resolveLibraries } from '../../src/plugin/libraries.ts'

test.each([
  '/a/node_modules/@smithy/core/dist-es/submodules/client/smithy-client/client.js',
  '/a/node_modules/@smithy/core/dist-cjs/submodules/client/index.js',
  '/a/node_modules/.pnpm/@smithy+smithy-client@4.1.0/node_modules/@smithy/smithy-client/dist-es/client.js',
  '/a/node_modules/@smithy/smithy-client/dist-cjs/index.js?commonjs-module',
  'C:\\a\\node_modules\\@aws-sdk\\smithy-client\\dist-cjs\\client.js',
])('%s is looked at', (id) => expect(id).toMatch(CLIENT_MODULE))

test.each([
  '/a/node_modules/@aws-sdk/client-sqs/dist-es/SQSClient.js',
  '/a/node_modules/@smithy/core/dist-es/submodules/client/smithy-client/command.js',
  '/a/node_modules/@smithy/core/dist-cjs/index.js',
  '/a/src/smithy-client/client.js',
])('%s is not', (id) => expect(id).not.toMatch(CLIENT_MODULE))

test.each(['export class Client {\n}\n', 'class Client {\n}\nexports.Client = Client\n', 'var Client = class {\n}\n'])(
  'declared as %j, it is handed over once',
  (code) => {
    const { code: changed, map } = handOverClient(code, '/client.js')!
    expect(changed.startsWith(code)).toBe(true)
    expect(changed).toContain('.push(Client)')
    expect(map.sources).toEqual(['/client.js'])
    expect(handOverClient(changed, '/client.js')).toBeUndefined()
  },
)

test('what only exports it again stays as it is', () => {
  expect(handOverClient('export { Client } from "./client";\n', '/index.js')).toBeUndefined()
  expect(handOverClient('exports.Client = void 0;\nlet ClientOf;\n', '/index.js')).toBeUndefined()
})

test("'auto' has it where the project has a client of it", () => {
  const [builtIn, clients] = [['fetch', 'http'] as const, new Set(['@aws-sdk/client-sqs'])]
  expect(resolveLibraries(builtIn, true, clients)).toEqual(['fetch', 'http', 'aws-sdk'])
  expect(resolveLibraries(builtIn, false, clients)).toEqual(['fetch', 'http'])
  expect(resolveLibraries(builtIn, true, new Set(['@aws-sdk/types', 'aws-sdk']))).toEqual(['fetch', 'http'])
})
