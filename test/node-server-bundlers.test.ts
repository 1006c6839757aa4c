/** An Express app in the terms of every bundler: nothing is said but the dependency, and its requests are traced. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tier1, tier2 } from './bundlers/index.ts'
import { buildSilently } from './bundlers/silent-build.ts'
import { ask, startNodeServer } from './harness/node-server.ts'
import { startReceiver } from './harness/otlp-receiver.ts'
import { ran } from './ran.ts'

const root = path.join(import.meta.dirname, 'projects/node-server')
const bundlers = { ...tier1, ...tier2 }

const FILES = {
  'index.ts': `
    import { app } from './app'
    const server = app.listen(0, '127.0.0.1', () => console.log('listening on ' + (server.address() as any).port))`,
  'app.ts': `
    import { trace } from '@opentelemetry/api'
    import express from 'express'
    export const app = express()
    app.get('/orders/:id', (request, response) => {
      trace.getTracer('app').startActiveSpan('load', (span) => span.end())
      response.send('order ' + request.params.id)
    })`,
}

describe.each(Object.keys(bundlers))('%s', (bundler) => {
  test.each(bundler in tier1 ? (['esm', 'cjs'] as const) : (['esm'] as const))('%s', async (format) => {
    const cache = path.join(root, '.cache')
    mkdirSync(cache, { recursive: true })
    const folder = mkdtempSync(path.join(cache, 'bundled-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(FILES)) writeFileSync(path.join(folder, name), text)
    const receiver = await startReceiver()
    onTestFinished(() => receiver.stop())
    const start = async (otel: object | false) => {
      const build = {
        root,
        entries: { index: path.join(folder, 'index.ts') },
        outdir: path.join(folder, `dist-${!otel}`),
      }
      const built = await buildSilently(bundlers[bundler]!, { ...build, format, otel })
      // As the tests call it, esbuild is silent.
      if (otel && bundler !== 'esbuild') {
        expect(built.said).toContain('node-server, node (express in package.json)')
        expect(built.said).toMatch(/wrapped {2}\S+\/index\.ts:1:1 http\.Server \(onRequest\)/)
      }
      return startNodeServer(built.output(), { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
    }
    const [traced, control] = [await start({}), await start(false)]
    const asked = { path: '/orders/7' }
    expect(await ask(traced.url, asked)).toEqual(await ask(control.url, asked))
    expect([await traced.signal('SIGTERM'), await control.signal('SIGTERM')]).toEqual(['SIGTERM', 'SIGTERM'])
    const [load, request] = receiver.spans
    expect(receiver.spans.map(({ name }) => name)).toEqual(['load', 'GET /orders/:id'])
    expect(load!.parentSpanId).toBe(request!.spanId)
    ran(bundler, 'Node server', format === 'cjs' ? 'CommonJS' : 'ESM')
  })
})
