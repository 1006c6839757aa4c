/** See `Options`. */
export interface SamplingOptions {
  /** Of the traces that begin here, from 0 to 1. @default `OTEL_TRACES_SAMPLER`, else 1 */
  ratio?: number
  /** Whether an invocation with an error in it is kept at any ratio. Turn it off where errors are too many. @default true */
  keepErrors?: boolean
  /** The same for the first invocation of a process. @default true */
  keepColdStarts?: boolean
  /** The same for what takes that many milliseconds or more. @default unset */
  keepSlowerThan?: number
}
