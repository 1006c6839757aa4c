/**
 * Leaves out of the compiled-in SDK what does nothing there: its metrics about itself without a
 * MeterProvider, its `util.inspect` views, and an id generator that ours replaces. About 0.8 kB gzip and
 * two calls a span. The versions are pinned; a piece that is not found any more fails the build.
 */
interface Piece {
  /** End of the module's path. */
  readonly module: string
  readonly from: RegExp
  readonly to: string
}

const PIECES: readonly Piece[] = [
  {
    module: 'sdk-trace/dist/TracerMetrics.mjs',
    from: /^[^]*var TracerMetrics = class[^]*$/,
    to: 'export class TracerMetrics { startSpan() { return () => {} } }',
  },
  {
    module: 'sdk-trace/dist/TracerProvider.mjs',
    from: /return createNoopMeter\(\)/,
    to: '',
  },
  {
    module: 'sdk-trace/dist/inspect.mjs',
    from: /^[^]*export \{ formatInspect, inspectCustom, settledResourceAttributes \}[^]*$/,
    to: "export const inspectCustom = Symbol('inspect'), formatInspect = () => {}, settledResourceAttributes = () => {}",
  },
  {
    module: 'sdk-trace/dist/platform/browser/RandomIdGenerator.mjs',
    from: /^[^]*export \{ RandomIdGenerator \}[^]*$/,
    to: 'export class RandomIdGenerator {}',
  },
]

/** A plugin for Rolldown. */
export function slimSdk() {
  const found = new Set<Piece>()
  return {
    name: 'slim-sdk',
    transform(code: string, id: string) {
      const path = id.replaceAll('\\', '/')
      const piece = PIECES.find(({ module }) => path.endsWith(module))
      if (!piece?.from.test(code)) return undefined
      found.add(piece)
      return { code: code.replace(piece.from, piece.to), map: null }
    },
    buildEnd() {
      const missing = PIECES.filter((piece) => !found.has(piece)).map(({ module }) => module)
      if (missing.length > 0) throw new Error(`tools/slim-sdk.ts does not fit the SDK any more: ${missing.join(', ')}`)
    },
  }
}
