/** `unplugin-otel dev`: receives traces on this machine and prints them. */
import { PluginError } from '../plugin/errors.ts'
import { parseOptions, UsageError } from './args.ts'
import { startReceiver } from './receiver.ts'
import { toJsonLines } from './span-json.ts'
import { printable } from './text.ts'
import { createTraces } from './traces.ts'
import { renderTrace } from './tree.ts'
import type { IncomingMessage } from 'node:http'
import type { Writable } from 'node:stream'
import type { Refusal } from './otlp-answer.ts'
import type { ReceivedSpan } from './otlp-span.ts'
import type { Receiver, ReceiverOptions } from './receiver.ts'

export interface DevIo {
  /** `columns` where it is a terminal. */
  stdout: Writable & { columns?: number }
  stderr: Writable
  color: boolean
  /** Prints what is waiting, and ends. */
  stop: AbortSignal
}

const HELP_HINT = 'unplugin-otel dev --help'
const DEFAULT_PORT = 4318
const DEFAULT_WIDTH = 100

const DEV_HELP = `Usage: unplugin-otel dev [--port <number>] [--json]

Receives traces by OTLP/HTTP, JSON or protobuf, on 127.0.0.1 and prints each as a tree. A trace is printed when it has
been quiet for 0.3 s; for 2 s while a parent is missing. Spans that come later are printed under their parents.

Options:
  --port <number>  where to listen, 0 for any free port [${DEFAULT_PORT}]
  --json           one line of JSON for each span as it comes, and nothing else on stdout: traceId, spanId,
                   parentSpanId, name, kind, startMs, endMs, attributes, status, events, links, scope, resource
  -h, --help       print this

Run your function with OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:${DEFAULT_PORT}.
`

const OPTIONS = { port: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const

/** Ends when it is stopped, or nobody reads its output any more. */
export async function dev(args: string[], { stdout, stderr, color, stop }: DevIo): Promise<void> {
  const values = parseOptions(args, OPTIONS, HELP_HINT)
  if (values['help']) return void stdout.write(DEV_HELP)
  const port = toPort(values['port'] ?? String(DEFAULT_PORT))
  const json = values['json'] === true
  const print = createPrinter(stdout, stderr)
  const traces = createTraces({
    print: (trace) => print(['', ...renderTrace(trace, { width: stdout.columns ?? DEFAULT_WIDTH, color })]),
  })
  const onSpans = json ? (spans: ReceivedSpan[]) => print(toJsonLines(spans)) : traces.add
  const receiver = await listen({ port, onSpans, onRefusal: createRefusalNotes(stderr) })
  const started = `listening on ${receiver.url}, set OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`
  const says = json ? stderr : stdout
  says.write(`[unplugin-otel] ${started}\n`)
  try {
    await untilStopped(stop, stdout, stderr)
  } finally {
    receiver.close()
    traces.flush()
  }
}

function toPort(value: string | boolean): number {
  const port = Number(value)
  if (/^\d+$/.test(String(value)) && port <= 65_535) return port
  throw new UsageError(`--port is '${value}'`, 'Give a number from 0 to 65535; 0 takes any free port.')
}

async function listen(options: ReceiverOptions): Promise<Receiver> {
  try {
    return await startReceiver(options)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const fact = code === 'EADDRINUSE' ? `port ${options.port} is taken by another program` : message
    throw new PluginError(fact, 'Choose another port, for example: unplugin-otel dev --port 0')
  }
}

function untilStopped(stop: AbortSignal, stdout: Writable, stderr: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    stop.addEventListener('abort', () => resolve())
    if (stop.aborted) resolve()
    // EPIPE is how `| head` says that it has enough.
    stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? resolve() : reject(error)))
    stderr.on('error', () => {}) // only notes are lost
  })
}

/** What a reader does not take is kept in memory by the stream, so there is an end to it. */
const MAX_UNREAD = 32 * 1024 * 1024

function createPrinter(stdout: Writable, stderr: Writable) {
  let stuck = false
  return function print(lines: Iterable<string>): void {
    for (const line of lines) {
      const was = stuck
      stuck = stdout.writableLength > MAX_UNREAD
      if (!stuck) stdout.write(`${line}\n`)
      else if (!was) stderr.write('[unplugin-otel] lines are dropped\nWhatever reads the output does not keep up.\n')
    }
  }
}

const MAX_NOTES = 50

/** Whoever misses spans should see that they were refused: each cause once, not for every retry. */
function createRefusalNotes(stderr: Writable) {
  const noted = new Set<string>()
  return function note({ status, message }: Refusal, { method = '', url = '' }: IncomingMessage): void {
    const remedy = printable(message)
    if (noted.has(remedy) || noted.size >= MAX_NOTES) return
    noted.add(remedy)
    // The query may be a key.
    stderr.write(`[unplugin-otel] ${method} ${printable(url.split('?')[0]!)} was answered ${status}\n${remedy}\n`)
  }
}
