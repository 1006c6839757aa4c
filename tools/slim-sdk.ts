/**
 * Leaves out of the compiled-in SDK what does nothing there: its metrics about itself without a
 * MeterProvider, its `util.inspect` views, its reading of answers, an id generator that ours replaces, and
 * work on attributes whose result is the same without: a WeakSet for every value, an array for every pair,
 * a second check of what no sampler has added to. About 1 kB gzip, and a tenth of what a span allocates.
 * The versions are pinned; a piece that is not found any more fails the build.
 */
interface Piece {
  /** End of the module's path. */
  readonly module: string
  readonly from: RegExp
  readonly to: string
}

const PIECES: readonly Piece[] = [
  ...['Span', 'Tracer', 'TracerProvider'].map((name) => ({
    module: `sdk-trace/dist/${name}.mjs`,
    from: /\[inspectCustom\]\(.*\) \{[^]*?return formatInspect\(.*\);\s*\}/,
    to: '',
  })),
  ...['json', 'protobuf'].map((encoding) => ({
    module: `otlp-transformer/dist/trace/${encoding}/trace.mjs`,
    from: /,\s*deserializeResponse: [^]*?\n\t\}(?=\n\};)/,
    to: '',
  })),
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
  {
    module: 'core/dist/common/attributes.mjs',
    from: /isAnyValueInternal\(val, (?:\/\*.*?\*\/ )?new WeakSet\(\)\)/,
    to: 'isAnyValueInternal(val, typeof val === "object" && new WeakSet())',
  },
  {
    module: 'core/dist/common/attributes.mjs',
    from: /for \(const \[key, val\] of Object\.entries\(inAttributes\)\) \{/,
    to: 'for (const key of Object.keys(inAttributes)) { const val = inAttributes[key];',
  },
  {
    module: 'sdk-trace/dist/Tracer.mjs',
    from: /NO_ATTR_LIMITS\);([^]*)const attrsData2 = (cleanAttributes\(.*?\));/,
    to: 'this._spanLimits);$1const attrsData2 = samplingResult.attributes ? $2 : { attributes };',
  },
]

/** A plugin for Rolldown. */
export function slimSdk() {
  const found = new Set<Piece>()
  return {
    name: 'slim-sdk',
    transform(code: string, id: string) {
      const path = id.replaceAll('\\', '/')
      const pieces = PIECES.filter(({ module, from }) => path.endsWith(module) && from.test(code))
      if (pieces.length === 0) return undefined
      for (const piece of pieces) found.add(piece)
      return { code: pieces.reduce((left, { from, to }) => left.replace(from, to), code), map: null }
    },
    /** Where nothing is used of what a module imported, its import stays, and bundlers warn of one without effect. */
    generateBundle(_options: unknown, bundle: Record<string, { type: string; code?: string }>) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.code) chunk.code = chunk.code.replace(/^import ["']@opentelemetry\/api["'];\n/gm, '')
      }
    },
    buildEnd() {
      const missing = PIECES.filter((piece) => !found.has(piece)).map(({ module }) => module)
      if (missing.length > 0) throw new Error(`tools/slim-sdk.ts does not fit the SDK any more: ${missing.join(', ')}`)
    },
  }
}
