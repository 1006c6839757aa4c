/** `sst dev` runs functions on the developer's machine, in a runtime of SST's own: their traces stay there, too. */
import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { startReceiver } from './harness/otlp-receiver.ts'
import { buildFunction, isInstallable, readBridgeScript, readDevRuntime } from './projects/sst/build.ts'

/** The Runtime API of the CLI, whose address has a path. Answers one invocation; the next one never comes. */
async function startApi(event: object): Promise<{ address: string; answer: Promise<string>; asked: string[] }> {
  const answer = Promise.withResolvers<string>()
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    asked.push(`${request.method} ${request.url}`)
    if (request.method === 'POST') {
      answer.resolve(await text(request))
      return response.writeHead(202).end()
    }
    if (asked.length > 1) return undefined
    const headers = { 'lambda-runtime-aws-request-id': '1', 'lambda-runtime-deadline-ms': Date.now() + 3000 }
    return response.writeHead(200, headers).end(JSON.stringify(event))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}/lambda/worker`, answer: answer.promise, asked }
}

/** Loaded first: somebody's own receiver may listen on 4318. */
const redirectTo = (url: string) => `
  import { Socket } from 'node:net'
  const { connect } = Socket.prototype
  Socket.prototype.connect = function (...args) {
    for (const options of args.flat()) if (options?.port == 4318) options.port = ${new URL(url).port}
    return connect.apply(this, args)
  }`

test.skipIf(!isInstallable)('no endpoint is set, and no extension registered', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'sst-dev-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [script, runtime, redirect] = ['plugin.mjs', 'runtime.mjs', 'redirect.mjs'].map((file) => `${folder}/${file}`)
  writeFileSync(script!, readBridgeScript())
  writeFileSync(runtime!, readDevRuntime())
  await buildFunction('src/invoices.ts', folder, { script: script! })
  const receiver = await startReceiver()
  onTestFinished(() => receiver.stop())
  writeFileSync(redirect!, redirectTo(receiver.url))
  const { address, answer, asked } = await startApi({ rawPath: '/invoices' })
  const child = spawn(process.execPath, ['--import', redirect!, runtime!, `${folder}/bundle.list`], {
    env: { AWS_LAMBDA_RUNTIME_API: address, AWS_LAMBDA_FUNCTION_NAME: 'invoices' },
    stdio: 'inherit',
  })
  onTestFinished(() => void child.kill())

  expect(await answer).toBe('{"statusCode":200,"body":"[]"}')
  const [span] = await receiver.waitForSpans(1)
  expect(span!.resource['service.name']).toBe('invoices')
  expect(asked.filter((line) => line.includes('extension'))).toEqual([])
})
