import { randomUUID } from 'node:crypto'

export interface InvokeError {
  errorType: string
  errorMessage: string
  trace?: string[]
}

export interface InvokeOptions {
  /** The X-Ray header, sent as `Lambda-Runtime-Trace-Id`. Absent unless given. */
  traceHeader?: string
  clientContext?: unknown
}

/** What the caller sees. `busyMs` and a late `timedOut` are known only once `finished` has resolved. */
export interface InvokeResult {
  requestId: string
  ok: boolean
  /** The response without the prelude of an HTTP integration; the error document when the runtime posted one. */
  readonly body: Buffer
  readonly text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- what the function answered: the test knows its shape
  json(): any
  error?: InvokeError
  /** Headers and trailers of the POST with which the runtime answered. */
  headers: Record<string, string>
  trailers: Record<string, string>
  streaming: boolean
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  readonly prelude?: any
  /** As they arrived, prelude included. `at` is on the journal's clock. */
  chunks: { at: number; bytes: Buffer }[]
  /** From `invoke()` to the release, cold start included. */
  queuedMs: number
  /** From the release to the last byte of the response. */
  responseMs: number
  /** From the last byte of the response until the environment was free again; NaN before `finished`. */
  busyMs: number
  timedOut: boolean
  cold: boolean
  finished: Promise<void>
}

/** The platform's half of one invocation: the host and the Runtime API report here, the result is kept up to date. */
export interface Invocation {
  readonly requestId: string
  readonly event: Buffer
  readonly options: InvokeOptions
  readonly result: InvokeResult
  /** Resolves when the caller has the whole response. */
  readonly answered: Promise<InvokeResult>
  readonly isAnswered: boolean
  release(cold: boolean): void
  answer(error?: InvokeError): void
  finish(): void
  /** The host was stopped before this invocation was released. */
  abandon(reason: Error): void
}

const INTEGRATION_RESPONSE = 'application/vnd.awslambda.http-integration-response'
const PRELUDE_END = Buffer.alloc(8)

export function createInvocation(event: unknown, options: InvokeOptions = {}): Invocation {
  const answered = Promise.withResolvers<InvokeResult>()
  const finished = Promise.withResolvers<void>()
  finished.promise.catch(() => {}) // an abandoned invocation rejects both; few tests look at this one
  const askedAt = performance.now()
  let releasedAt = askedAt
  let answeredAt: number | undefined

  const result: InvokeResult = {
    requestId: randomUUID(),
    ok: false,
    get body() {
      return split(result).body
    },
    get text() {
      return result.body.toString()
    },
    json: () => JSON.parse(result.text),
    headers: {},
    trailers: {},
    streaming: false,
    get prelude() {
      return split(result).prelude
    },
    chunks: [],
    queuedMs: NaN,
    responseMs: NaN,
    busyMs: NaN,
    timedOut: false,
    cold: false,
    finished: finished.promise,
  }

  return {
    requestId: result.requestId,
    event: Buffer.from(JSON.stringify(event ?? null)),
    options,
    result,
    answered: answered.promise,
    get isAnswered() {
      return answeredAt !== undefined
    },
    release(cold) {
      releasedAt = performance.now()
      result.queuedMs = releasedAt - askedAt
      result.cold = cold
    },
    answer(error) {
      if (answeredAt !== undefined) return
      answeredAt = performance.now()
      result.responseMs = answeredAt - releasedAt
      result.ok = error === undefined
      if (error) {
        result.error = error
        // When the runtime could not answer, the caller gets the platform's document.
        if (result.chunks.length === 0) {
          result.chunks.push({ at: answeredAt, bytes: Buffer.from(JSON.stringify(error)) })
        }
      }
      answered.resolve(result)
    },
    finish() {
      if (answeredAt !== undefined) result.busyMs = performance.now() - answeredAt
      finished.resolve()
    },
    abandon(reason) {
      answered.reject(reason)
      finished.reject(reason)
    },
  }
}

function split({ chunks, headers }: InvokeResult): { prelude?: unknown; body: Buffer } {
  const bytes = Buffer.concat(chunks.map((chunk) => chunk.bytes))
  if (headers['content-type'] !== INTEGRATION_RESPONSE) return { body: bytes }
  const end = bytes.indexOf(PRELUDE_END)
  if (end < 0) return { body: bytes }
  return {
    prelude: JSON.parse(bytes.toString('utf8', 0, end)),
    body: bytes.subarray(end + PRELUDE_END.length),
  }
}
