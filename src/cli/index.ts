#!/usr/bin/env node
/** The command line: which command, and what its end means for the shell. */
import { PluginError } from '../plugin/errors.ts'
import { parseOptions, unknown, UsageError } from './args.ts'
import { dev } from './dev.ts'

declare const __VERSION__: string

/** Put in by the build; run from source there is none. */
const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '(source)'

const HELP = `unplugin-otel ${VERSION}

Usage: unplugin-otel <command> [options]

Commands:
  dev            receive traces on this machine and print them
  explain        say what a build wraps, and how the function gets its spans out
  migrate        take out telemetry written by hand that is no longer needed

Options:
  -v, --version  print the version
  -h, --help     print this; after a command, what that command does

The plugin does its work in your bundler: add otel() from 'unplugin-otel/vite' or 'unplugin-otel/esbuild' to its plugins.
`

const OPTIONS = { version: { type: 'boolean', short: 'v' }, help: { type: 'boolean', short: 'h' } } as const

async function main(args: string[]): Promise<number> {
  const [command = '', ...rest] = args
  if (command === 'dev') return runDev(rest)
  if (command === 'explain') return runExplain(rest)
  if (command === 'migrate') return runMigrate(rest)
  if (command !== '' && !command.startsWith('-'))
    throw unknown('command', command, ['dev', 'explain', 'migrate'], 'unplugin-otel --help')
  const values = parseOptions(args, OPTIONS, 'unplugin-otel --help')
  process.stdout.write(values['version'] ? `${VERSION}\n` : HELP)
  return 0
}

async function runDev(args: string[]): Promise<number> {
  const { stdout, stderr } = process
  const stop = new AbortController()
  // Once: a second signal ends the process as it would without us.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  const color = stdout.isTTY && !process.env['NO_COLOR']
  await dev(args, { stdout, stderr, color, stop: stop.signal })
  return 0
}

async function runExplain(args: string[]): Promise<number> {
  const { stdout, env } = process
  stdout.on('error', ignoreClosed)
  // With it comes the parser: `dev` should not wait for that.
  const { explain } = await import('./explain.ts')
  return explain(args, { stdout, folder: process.cwd(), env })
}

async function runMigrate(args: string[]): Promise<number> {
  const { stdout, stderr, env } = process
  stdout.on('error', ignoreClosed)
  const { migrate } = await import('./migrate.ts')
  await migrate(args, { stdout, stderr, folder: process.cwd(), env })
  return 0
}

/** EPIPE is how `| head` says that it has enough. */
function ignoreClosed(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof PluginError)) throw error
  console.error(error.message)
  process.exitCode = error instanceof UsageError ? 2 : 1
}
