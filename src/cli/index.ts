#!/usr/bin/env node
/** The command line. Commands arrive with the features they show; today there is none to run. */
import { parseArgs } from 'node:util'
import { closest } from '../plugin/errors.ts'

declare const __VERSION__: string

const HELP = `unplugin-otel ${__VERSION__}

Usage: unplugin-otel [--version] [--help]

The plugin does its work in your bundler: add otel() from 'unplugin-otel/esbuild' to its plugins.
`

const OPTIONS = { version: { type: 'boolean', short: 'v' }, help: { type: 'boolean', short: 'h' } } as const

function main(args: string[]): number {
  const { values, positionals, tokens } = parseArgs({
    args,
    options: OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const unknown = tokens.find((token) => token.kind === 'option' && !Object.hasOwn(OPTIONS, token.name))
  const [command] = positionals
  if (unknown?.kind === 'option' || command !== undefined) {
    const word = unknown?.kind === 'option' ? unknown.name : command!
    const similar = unknown ? closest(word, Object.keys(OPTIONS)) : undefined
    console.error(
      `[unplugin-otel] unknown ${unknown ? 'option' : 'command'} '${word}'\n${similar ? `Did you mean '--${similar}'?` : 'See unplugin-otel --help.'}`,
    )
    return 2
  }
  process.stdout.write(values.version ? `${__VERSION__}\n` : HELP)
  return 0
}

process.exitCode = main(process.argv.slice(2))
