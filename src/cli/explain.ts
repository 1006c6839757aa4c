/** `unplugin-otel explain`: what a build of this project will do, and why, without building it. */
import { dirname, normalize } from 'pathe'
import type { Writable } from 'node:stream'
import type { Diagnostic } from '../plugin/report/diagnostic.ts'
import { checkOptions } from '../plugin/option-rules.ts'
import type { Options } from '../plugin/options.ts'
import type { Project } from '../plugin/project.ts'
import { parseCommand, UsageError } from './args.ts'
import { analyse } from './explain/analysis.ts'
import { resolveEntries } from './explain/entries.ts'
import { toExplainReport } from './explain/report.ts'
import { writtenIn, type WrittenOptions } from './explain/options.ts'
import { findRoot } from './explain/root.ts'
import { toExplanation } from './explain/text.ts'

export interface ExplainIo {
  stdout: Writable
  /** Where it was started. */
  folder: string
  /** What is set in the shell. */
  env: Project['env']
}

const HELP_HINT = 'unplugin-otel explain --help'

const EXPLAIN_HELP = `Usage: unplugin-otel explain [<entry> …] [--options <json>] [--json]

Says what a build of this project wraps and why, and how the function gets its spans out: the signals that decided, the
flush, the batching, the endpoint, the bytes. It reads files and runs no bundler: of a configuration it knows what is
written there as plain values. Without an entry it reads the modules that the platform's configuration names, else the
first of src/handler, src/worker, src/index, src/app, src/main and src/function.

Options:
  --options <json>  options that the configuration computes, for example '{ "handlers": ["run"] }';
                    one that is written there has this value instead
  --json            one JSON document: ExplainReport of 'unplugin-otel'
  -h, --help        print this

Ends with 0 if all is well, 1 after a warning (nothing is wrapped, the plugin is in no configuration), 2 if the command
line is wrong.
`

const OPTIONS = {
  options: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

/**
 * @returns the exit code
 * @throws {PluginError} for options that cannot be meant, as a build does
 */
export async function explain(args: string[], { stdout, folder, env }: ExplainIo): Promise<number> {
  const { values, positionals } = parseCommand(args, OPTIONS, HELP_HINT)
  if (values['help']) {
    stdout.write(EXPLAIN_HELP)
    return 0
  }
  const asked = toOptions(values['options'])
  const entries = resolveEntries(positionals, normalize(folder))
  const root = findRoot(entries[0] ? dirname(entries[0]) : normalize(folder))
  // What it may be is for the plugin to say, of each alone: merged, a list would be an object.
  if (asked !== undefined) checkOptions(asked)
  const given = withAsked(writtenIn(root), asked)
  const { options } = given
  checkOptions(options)
  const report = toExplainReport(await analyse(options, root, entries, env), root, given, env)
  const isProblem = ({ severity }: Diagnostic) =>
    severity === 'warning' || (options.strict === true && severity === 'near-miss')
  const problems = report.diagnostics.filter(isProblem)
  stdout.write(`${values['json'] ? JSON.stringify(report) : toExplanation(report, problems)}\n`)
  return problems.length > 0 ? 1 : 0
}

/** Of a variable, `…`, it stays unknown what else is in it. */
function withAsked({ options, computed }: WrittenOptions, asked: Options = {}): WrittenOptions {
  return {
    options: { ...options, ...asked },
    computed: computed.filter((name) => !Object.hasOwn(asked, name)),
  }
}

function toOptions(json: string | boolean | undefined): Options | undefined {
  if (json === undefined) return undefined
  try {
    return JSON.parse(String(json))
  } catch {
    throw new UsageError(
      '--options is no JSON',
      `Give an object, for example: --options '{ "platform": "aws-lambda" }'`,
    )
  }
}
