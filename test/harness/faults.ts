/** What a collector, or whatever is in front of it, can do wrong, by name: a receiver's `mode` is one of them, or a status. */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { OtlpEncoding } from '../../src/cli/otlp-decode.ts'

export interface Fault {
  /**
   * How far it lets a request come. `listen`: nobody is there. `connection`: accepted, and nothing read. `head`: up to
   * the first byte of the body. `body`: its first bytes, which are all that a small one has. `answer`: all of it.
   */
  readonly at: 'listen' | 'connection' | 'head' | 'body' | 'answer'
  /** What was sent counts as received: the answer says so, as far as it comes. */
  readonly takes?: true
  /** That many spans of a request, none of them a root, are refused; the others count as received. */
  readonly rejects?: number
  /** In the place of an answer. Returns the status that the sender gets, if there is one. */
  act?(exchange: Exchange): number | undefined | void
}

export interface Exchange {
  readonly socket: Socket
  /** From `head` on, the others at `answer`. */
  readonly response?: ServerResponse
  readonly encoding?: OtlpEncoding
  /** Where nobody may ask: another origin, whose requests are counted. */
  readonly elsewhere?: string
}

/** A RST, as of a process that died or a load balancer that has forgotten the connection; not the FIN of an orderly end. */
const reset = ({ socket }: Exchange): void => void socket.resetAndDestroy()
/** In which the head of an answer gets through before the connection breaks. */
const HEAD_MS = 10

const faults = {
  refuse: { at: 'listen' },
  'reset-connection': { at: 'connection', act: reset },
  'reset-before-body': { at: 'head', act: reset },
  'reset-in-body': { at: 'body', act: reset },
  'reset-after-body': { at: 'answer', act: reset },
  'reset-after-head': {
    at: 'answer',
    takes: true,
    act({ socket, response }) {
      response!.writeHead(200, { 'Content-Length': 100 }).flushHeaders()
      setTimeout(() => socket.resetAndDestroy(), HEAD_MS)
      return 200
    },
  },
  /** Ends the connection in good order, without an answer. */
  cut: { at: 'answer', act: ({ socket }) => void socket.destroy() },
  /** Reads and never answers. */
  hang: { at: 'answer', act() {} },
  garbage: { at: 'answer', act: ({ socket }) => void socket.end('\u0000\u0001 220 no HTTP here\r\n\r\n') },
  'garbage-body': {
    at: 'answer',
    takes: true,
    act: ({ response, encoding }) =>
      answer(response!, 200, contentTypes[encoding!], Buffer.from([0xff, 0xfe, 0, 0x7b])),
  },
  /** Of whatever is there in the place of a collector: nobody has taken anything. */
  'wrong-type': {
    at: 'answer',
    act: ({ response }) => answer(response!, 200, 'text/html', '<!doctype html><title>Sign in</title>'),
  },
  'redirect-302': { at: 'answer', act: (exchange) => redirect(exchange, 302) },
  'redirect-307': { at: 'answer', act: (exchange) => redirect(exchange, 307) },
  'partial-success': {
    at: 'answer',
    takes: true,
    rejects: 1,
    act: ({ response, encoding }) => answer(response!, 200, contentTypes[encoding!], partialSuccess(1, encoding!)),
  },
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

const WELL: Fault = { at: 'answer', takes: true }
const REFUSED: Fault = { at: 'answer' }

/** Of a receiver's mode: also of `ok`, and of a status. */
export function faultOf(mode: 'ok' | FaultName | `${number}`): Fault {
  if (mode === 'ok') return WELL
  return mode in faults ? faults[mode as FaultName] : REFUSED
}

/**
 * Nobody has this name, and nobody is asked for it: a label may have 63 octets (https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4),
 * so the resolver gives up before its first packet.
 */
export const UNRESOLVABLE = `http://${'x'.repeat(64)}.invalid:4318`

export const contentTypes: Readonly<Record<OtlpEncoding, string>> = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
}

/** @returns `status` */
function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): number {
  response.writeHead(status, { 'Content-Type': type }).end(body)
  return status
}

function redirect({ response, elsewhere }: Exchange, status: number): number {
  response!.writeHead(status, { Location: `${elsewhere}/v1/traces` }).end()
  return status
}

/** https://opentelemetry.io/docs/specs/otlp/#partial-success-1 */
function partialSuccess(rejected: number, encoding: OtlpEncoding): string | Uint8Array {
  const why = 'too many spans'
  // 64-bit integers are strings in JSON.
  if (encoding === 'json')
    return JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: why } })
  // Field 1 of the answer is a message: field 1 an integer, field 2 a text.
  const message = [0x08, rejected, 0x12, why.length, ...Buffer.from(why)]
  return Uint8Array.from([0x0a, message.length, ...message])
}
