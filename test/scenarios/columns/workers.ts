/** Cloudflare's own workerd, killed as soon as what it may run after an answer is done. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { buildWorker } from '../../deploy-worker.ts'
import { createJournal } from '../../harness/journal.ts'
import { startWorkerd, type ClientResponse } from '../../harness/workerd-host.ts'
import { ran } from '../../ran.ts'
import type { Answer, Call, Column } from '../scenario.ts'

const compatibilityFlags = ['nodejs_als']

export const workers: Column = {
  id: 'workers',
  async build({ source, otel, prelude, cleanUp }) {
    const build = { otel: otel && { platform: 'cloudflare' as const, ...otel }, ...(cleanUp && { cleanUp }) }
    const folder = await buildWorker(source, { ...build, compatibilityFlags })
    const built = path.join(folder, 'index.js')
    if (prelude) writeFileSync(built, `{ ${prelude} }\n${readFileSync(built, 'utf8')}`)
    if (otel) ran('vite', 'Workers')
    return folder
  },
  async deploy(source, { cell, receiver }) {
    const journal = createJournal()
    const worker = await startWorkerd({
      source,
      compatibilityFlags,
      journal,
      vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...cell.env },
    })
    onTestFinished(() => worker.stop())
    return {
      async call(call) {
        const { path = '/', method, headers, body, cancelAfterBytes: afterBytes } = call
        const begun = performance.now()
        const response = await worker.request(path, {
          ...(method && { method }),
          ...(headers && { headers }),
          ...(body !== undefined && { body }),
          ...(afterBytes && { disconnect: { afterBytes } }),
        })
        const answered = performance.now()
        await worker.settled()
        const settled = journal.entries.findLast(({ type }) => type === 'invocation-settled')
        return {
          visible: toVisible(response, call),
          responseMs: answered - begun,
          afterMs: Math.max(0, (settled?.at ?? answered) - answered),
        }
      },
      async evict() {
        await worker.settled()
        await worker.evict()
      },
      output: () => worker.console.map(({ message }) => message).join('\n'),
    }
  },
}

function toVisible({ status, headers, body, complete }: ClientResponse, { cancelAfterBytes }: Call): Answer['visible'] {
  const { date: _, ...rest } = headers
  return {
    status,
    headers: rest as Record<string, string>,
    body: body.subarray(0, cancelAfterBytes).toString('latin1'),
    ...(!complete && !cancelAfterBytes && { error: { message: 'the answer broke off' } }),
  }
}
