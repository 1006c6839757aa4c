/**
 * Installs projects that have a lockfile of their own, when it has changed: the folders named, relative to the
 * repository, or all that `npm test` uses. The other playgrounds are installed where they are run.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'

const repository = resolve(import.meta.dirname, '..')
const named = process.argv.slice(2)
const tested = () => [
  ...readdirSync(join(repository, 'test/projects')).map((name) => `test/projects/${name}`),
  'playgrounds/worker-vite',
]
for (const project of named.length > 0 ? named : tested()) {
  const folder = join(repository, project)
  const lockfile = join(folder, 'package-lock.json')
  if (!existsSync(lockfile)) continue
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) continue
  console.log(`installing ${project}`)
  execFileSync('npm', ['ci', '--no-workspaces', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}
