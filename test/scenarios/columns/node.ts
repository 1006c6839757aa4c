/** A server in a process: told to stop by SIGTERM, or on Cloud Run (`K_SERVICE`) gone as soon as its last answer is out. */
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildFunction, functions } from '../../deploy.ts'
import { ask, startNodeServer, type Answered } from '../../harness/node-server.ts'
import { ran } from '../../ran.ts'
import type { Answer, Call, Column } from '../scenario.ts'

const LISTEN = `import { listen } from ${JSON.stringify(path.join(functions, 'listen.ts'))}\n`
/** In which what a handler has left behind goes on: nobody stops a server with its last answer. */
const STOPPED_MS = 250

export const node: Column = {
  id: 'node',
  async build({ source, otel, cleanUp }) {
    const build = { otel: otel && { platform: 'node-server' as const, ...otel }, ...(cleanUp && { cleanUp }) }
    const folder = await buildFunction(LISTEN + source, build)
    if (otel) ran('esbuild', 'Node server')
    return folder
  },
  async deploy(folder, { cell, receiver }) {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...cell.env }
    const server = await startNodeServer(`${folder}/index.mjs`, env, cell.nodeArgs)
    return {
      async call(call) {
        const begun = performance.now()
        const { path: target, method, headers, body, cancelAfterBytes } = call
        const answered = await ask(server.url, {
          ...(target && { path: target }),
          ...(method && { method }),
          ...(headers && { headers }),
          ...(body !== undefined && { body }),
          ...(cancelAfterBytes && { cancelAfterBytes }),
        })
        return { visible: toVisible(answered, call), responseMs: performance.now() - begun }
      },
      async evict() {
        if (cell.env?.['K_SERVICE']) return void (await server.signal('SIGKILL'))
        await Promise.race([server.ended, sleep(STOPPED_MS)])
        await server.signal('SIGTERM')
      },
      output: () => server.output(),
    }
  },
}

function toVisible({ status, headers, body, broken }: Answered, { cancelAfterBytes }: Call): Answer['visible'] {
  const pairs = headers.map((line) => line.split(/: (.*)/s) as [string, string])
  return {
    status,
    headers: Object.fromEntries(pairs),
    body,
    ...(broken && !cancelAfterBytes && { error: { message: 'the answer broke off' } }),
  }
}
