/** The Serverless Framework: `osls package` with serverless-esbuild, which takes plugins from a file of its own. */
import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { invoke, run } from './deploy.ts'
import { ran } from './ran.ts'
import { compareLedger, readLedger } from './harness/ledger.ts'

const project = path.join(import.meta.dirname, 'projects/serverless')
const FREEZES = 25

test(`packaged by osls, ${FREEZES} freezes: lost 0, after the response`, async () => {
  rmSync(path.join(project, '.cache'), { recursive: true, force: true })
  const { VITEST: _, ...env } = process.env
  const { stderr } = await promisify(execFile)(
    process.execPath,
    ['node_modules/.bin/osls', 'package', '--package', '.cache/package'],
    { cwd: project, env: { ...env, SLS_TELEMETRY_DISABLED: '1' } },
  )
  expect(stderr).toContain('aws-lambda, node (serverless.yml)')
  expect(stderr).toContain('wrapped  src/orders.js:1:10 place (onEvent)')
  const deployment = await run(path.join(project, '.cache/build'), { lambda: { handler: 'src/orders.place' } })
  for (let i = 0; i < FREEZES; i++) expect((await invoke(deployment)).text).toContain('"body":"done"')
  const { started, lost, duplicated } = compareLedger(readLedger(deployment.ledger), deployment.receiver.spans)
  expect({ started, lost, duplicated }).toEqual({ started: FREEZES * 4, lost: [], duplicated: [] })
  const [first] = deployment.journal.of('otlp-first-byte')
  const [response] = deployment.journal.of('response-last-byte')
  expect(first!.at).toBeGreaterThan(response!.at)
  ran('serverless-esbuild', 'Lambda', '`osls package`')
})
