import { parseArgs } from 'node:util'
import { PluginError } from '../plugin/errors.ts'
import { closest } from '../plugin/suggestion.ts'
import type { ParseArgsConfig } from 'node:util'

/** The command line is wrong: exit code 2, where other errors have 1. */
export class UsageError extends PluginError {}

type Options = NonNullable<ParseArgsConfig['options']>

type Values = Record<string, string | boolean>

/** Options only. */
export function parseOptions(args: string[], options: Options, help: string): Values {
  const { values, positionals } = parseCommand(args, options, help)
  const [positional] = positionals
  if (positional !== undefined) throw new UsageError(`unknown argument '${positional}'`, `See ${help}.`)
  return values
}

/** `parseArgs` itself would reject what it does not know without naming what is meant. */
export function parseCommand(
  args: string[],
  options: Options,
  help: string,
): { readonly values: Values; readonly positionals: string[] } {
  const { values, tokens, positionals } = parseArgs({
    args,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (!option) throw unknown('option', token.name, Object.keys(options), help)
    if (option.type === 'boolean' && token.value !== undefined) {
      throw new UsageError(`--${token.name} takes no value, it is '${token.value}'`, `See ${help}.`)
    }
    if (option.type === 'string' && token.value === undefined) {
      throw new UsageError(`--${token.name} has no value`, `See ${help}.`)
    }
  }
  return { values: values as Values, positionals }
}

export function unknown(what: 'option' | 'command', word: string, known: string[], help: string): UsageError {
  const similar = closest(word, known)
  const meant = `${what === 'option' ? '--' : ''}${similar}`
  return new UsageError(`unknown ${what} '${word}'`, similar ? `Did you mean '${meant}'?` : `See ${help}.`)
}
