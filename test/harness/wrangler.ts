/** Cloudflare's own tool, which makes of a project what it would deploy. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const repository = path.resolve(import.meta.dirname, '../..')
const WRANGLER = path.join(repository, 'playgrounds/worker-vite/node_modules/wrangler/bin/wrangler.js')

/** @param root the project, and the home of whoever calls it */
export async function runWrangler(root: string, args: readonly string[]): Promise<void> {
  const env = { PATH: process.env['PATH'], HOME: root, CI: '1', WRANGLER_SEND_METRICS: 'false' }
  await run(process.execPath, [WRANGLER, ...args], { cwd: root, env })
}
