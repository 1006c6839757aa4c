/** Installs the projects that the tests build, each from its own lockfile, when that changed. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const projects = import.meta.dirname
for (const name of readdirSync(projects)) {
  const folder = join(projects, name)
  const lockfile = join(folder, 'package-lock.json')
  if (!existsSync(lockfile)) continue
  const installed = join(folder, 'node_modules/.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lockfile).mtimeMs) continue
  console.log(`installing test/projects/${name}`)
  execFileSync('npm', ['ci', '--no-workspaces', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
}
