/** Cloudflare's own workerd, through miniflare. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { buildFunction } from '../deploy.ts'
import { startWorkerd, type ClientResponse } from '../harness/workerd-host.ts'
import { ran } from '../ran.ts'
import { scenarios, type Driver, type InvokeInit, type Result } from '../suite/driver.ts'
import { startedIn } from '../suite/ledger.ts'

const wrangler = { compatibility_date: '2026-07-01', compatibility_flags: ['nodejs_als'] }
const source = `
  import { respond } from ${JSON.stringify(scenarios)}
  export default {
    fetch: (request: any, env: any, ctx: any) =>
      respond(new URL(request.url).pathname, { waitUntil: (work) => ctx.waitUntil(work) }),
  }`

export const workers: Driver = {
  id: 'cloudflare',
  lacks: {},
  callerWaits: false,
  seesStatus: true,
  async deploy({ otel, receiver }) {
    const folder = await buildFunction(source, {
      otel,
      project: createProject(),
      // As wrangler builds.
      esbuild: {
        platform: 'neutral',
        mainFields: ['module', 'main'],
        conditions: ['workerd', 'worker', 'browser'],
        external: ['cloudflare:*', 'node:*'],
      },
    })
    const workerd = await startWorkerd({
      source: folder,
      main: 'index.mjs',
      compatibilityFlags: wrangler.compatibility_flags,
      vars: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    })
    onTestFinished(() => workerd.stop())
    if (otel !== false) ran('esbuild', 'Workers')
    return {
      async invoke(url, init = {}) {
        const { headers, cancelAfterBytes: afterBytes } = init
        return toResult(
          await workerd.request(url, { headers, ...(afterBytes && { disconnect: { afterBytes } }) }),
          init,
        )
      },
      async evict() {
        await workerd.settled()
        await workerd.evict()
      },
      outcomes: () =>
        workerd.invocations.map(({ outcome, exceptions }) => [outcome, ...exceptions].join(' ')).toSorted(),
      startedSpans: () => startedIn(workerd.console.map(({ message }) => message).join('\n')),
    }
  },
}

/** The plugin reads the flags of the Worker there. */
function createProject(): string {
  const cache = path.resolve(import.meta.dirname, '../../.cache')
  mkdirSync(cache, { recursive: true })
  const project = mkdtempSync(path.join(cache, 'worker-'))
  onTestFinished(() => rmSync(project, { recursive: true, force: true }))
  writeFileSync(path.join(project, 'wrangler.json'), JSON.stringify({ main: 'source.ts', ...wrangler }))
  return project
}

function toResult({ status, headers, body, complete }: ClientResponse, { cancelAfterBytes }: InvokeInit): Result {
  const { date: _, ...rest } = headers
  return {
    status,
    headers: rest as Record<string, string>,
    body: body.subarray(0, cancelAfterBytes),
    ...(!complete && !cancelAfterBytes && { error: { message: 'the answer broke off' } }),
  }
}
