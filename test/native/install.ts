/** The runtime interface client with its addon, compiled once into the `node_modules` of this folder. */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

const folder = import.meta.dirname
const client = path.join(folder, 'node_modules/aws-lambda-ric')

/** Of `aws-lambda-ric`'s install scripts: libcurl and AWS's C++ client by configure and cmake, the addon by node-gyp. */
const TOOLS: readonly { command: string; debian: string }[] = [
  { command: 'cmake', debian: 'cmake' },
  { command: 'gcc', debian: 'gcc' },
  { command: 'g++', debian: 'g++' },
  { command: 'make', debian: 'make' },
  { command: 'python3', debian: 'python3' },
  { command: 'xz', debian: 'xz-utils' },
]

/**
 * Path of the client's `index.mjs`. Compiles it (about a minute) unless that is done.
 * @throws {Error} when the machine cannot compile it, or it failed: the message says what to do
 */
export function installClient(): string {
  if (!isBuilt()) build()
  return path.join(client, 'index.mjs')
}

function isBuilt(): boolean {
  if (!existsSync(path.join(client, 'rapid-client.node'))) return false
  const pinned = readManifest(folder).dependencies['aws-lambda-ric']
  return readManifest(client).version === pinned
}

function build(): void {
  if (process.platform !== 'linux')
    throw new Error(`the native client exists on Linux only, this is ${process.platform}`)
  const missing = TOOLS.filter(({ command }) => !isOnPath(command))
  if (missing.length > 0) {
    const packages = missing.map(({ debian }) => debian).join(' ')
    throw new Error(
      `compiling aws-lambda-ric needs ${missing.map(({ command }) => command).join(', ')}\n` +
        `On Debian or Ubuntu: apt-get install --no-install-recommends ${packages}`,
    )
  }
  const nodedir = path.resolve(process.execPath, '../..')
  if (!existsSync(path.join(nodedir, 'include/node/node.h'))) {
    throw new Error(
      `no headers of Node in ${nodedir}/include/node, and the addon needs them\n` +
        'Run `npm ci` in the root and start this with `npm run test:native`: the Node it brings has them.',
    )
  }
  console.log('compiling the addon of aws-lambda-ric, about a minute, only this once …')
  const { status, error, stdout, stderr } = spawnSync(
    'npm',
    // The root's .npmrc forbids install scripts, and `npm run` hands that down as a variable.
    ['ci', '--ignore-scripts=false', '--foreground-scripts', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: {
        ...process.env,
        // Else node-gyp wants to download the headers.
        npm_config_nodedir: nodedir,
        PATH: `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`,
      },
    },
  )
  if (status === 0 && isBuilt()) return
  const tail = `${stdout}\n${stderr}`.trimEnd().split('\n').slice(-40).join('\n')
  throw new Error(`\`npm ci\` in test/native failed${error ? `: ${error.message}` : ''}\n${tail}`)
}

function isOnPath(command: string): boolean {
  return (process.env.PATH ?? '').split(path.delimiter).some((directory) => {
    try {
      accessSync(path.join(directory, command), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

function readManifest(directory: string): { version?: string; dependencies: Record<string, string> } {
  return JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'))
}
