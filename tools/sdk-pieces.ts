/** What `slim-sdk.ts` leaves out of the SDK, or puts into fewer words, module by module. */
export interface Piece {
  /** End of the module's path. */
  readonly module: string
  readonly from: RegExp
  /** As in `String.prototype.replace`. */
  readonly to: string
}

/** A module that is taken in fewer words. */
export interface Replaced {
  /** End of the module's path. */
  readonly module: string
  /** Start of the SHA-256 of its code, in hexadecimal. */
  readonly hash: string
  /** Of what stands in its place. */
  readonly by: string
}

export const REPLACED: readonly Replaced[] = [
  { module: 'core/dist/common/attributes.mjs', hash: '30645005007868c0', by: './sdk/attributes.ts' },
  {
    module: 'core/dist/trace/W3CTraceContextPropagator.mjs',
    hash: 'f4ff3c786f5736be',
    by: './sdk/w3c-trace-context-propagator.ts',
  },
  { module: 'core/dist/trace/TraceState.mjs', hash: 'c145870246516f66', by: './sdk/trace-state.ts' },
  { module: 'sdk-trace/dist/Span.mjs', hash: 'c04f14c5f2c23be2', by: './sdk/span.ts' },
  { module: 'sdk-trace/dist/TracerProvider.mjs', hash: '29390ce2f29f9033', by: './sdk/tracer-provider.ts' },
  { module: 'sdk-trace/dist/Tracer.mjs', hash: '73640e62167f6f66', by: './sdk/tracer.ts' },
  {
    module: 'otlp-transformer/dist/trace/json/trace.mjs',
    hash: 'a804c914dd33ec53',
    by: './sdk/json-trace-serializer.ts',
  },
]

const inModule = (module: string, ...pieces: readonly (readonly [from: RegExp, to?: string])[]): Piece[] =>
  pieces.map(([from, to = '']) => ({ module, from, to }))

export const PIECES: readonly Piece[] = [
  ...inModule(
    'otlp-transformer/dist/trace/protobuf/trace.mjs',
    // We read the answer ourselves.
    [/,\s*deserializeResponse: [^]*?\n\t\}(?=\n\};)/],
  ),
]
