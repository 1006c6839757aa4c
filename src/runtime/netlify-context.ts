/** The second argument of a function of a `Request`, as far as this runtime reads it. */
export interface NetlifyContext {
  readonly requestId?: string
  /** The pattern of `config.path` that the request matched. */
  readonly path?: string
  waitUntil?(work: Promise<unknown>): void
}
