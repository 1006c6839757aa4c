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
  {
    module: 'otlp-transformer/dist/trace/json/trace.mjs',
    hash: 'a804c914dd33ec53',
    by: './sdk/json-trace-serializer.ts',
  },
]

const inModule = (module: string, ...pieces: readonly (readonly [from: RegExp, to?: string])[]): Piece[] =>
  pieces.map(([from, to = '']) => ({ module, from, to }))

/** Into the SDK's module goes an import of ours. */
const ours = (module: string, name: string): readonly [RegExp, string] => [
  /^/,
  `import { ${name} } from ${JSON.stringify(new URL(`../src/runtime/${module}.ts`, import.meta.url).pathname)}\n`,
]

/** Fields that are declared and assigned to. */
const DECLARED = /^\t_?\w+;\n/gm
/** Views for `util.inspect`. */
const INSPECT = /\[inspectCustom\]\(.*\) \{[^]*?return formatInspect\(.*\);\s*\}/

export const PIECES: readonly Piece[] = [
  ...inModule(
    'otlp-transformer/dist/trace/protobuf/trace.mjs',
    // We read the answer ourselves.
    [/,\s*deserializeResponse: [^]*?\n\t\}(?=\n\};)/],
  ),
  ...inModule(
    'sdk-trace/dist/TracerProvider.mjs',
    [INSPECT],
    // Ours gives one processor, a resource, a sampler, an id generator and all limits.
    [
      /constructor\(options = \{\}\) \{[^]*?\n\t\}\n/,
      `constructor(options) {
        this._tracerOptions = { ...options, spanProcessor: options.spanProcessors[0] }
      }
      `,
    ],
    [
      /forceFlush\(options\) \{[^]*?\n\t\}\n/,
      'forceFlush() { return this._tracerOptions.spanProcessor.forceFlush() }\n',
    ],
    [/this\._activeSpanProcessor\.shutdown/, 'this._tracerOptions.spanProcessor.shutdown'],
    [DECLARED],
  ),
  ...inModule(
    'sdk-trace/dist/Tracer.mjs',
    ours('sdk-guards', 'isLink, startQuietly'),
    [/\(options\.links \?\? \[\]\)\.map/, '(options.links ?? []).filter(isLink).map'],
    [
      /\tstartSpan\(name, options = /,
      '\tstartSpan(name, options, context) { return startQuietly(this, name, options, context) }\n\tstartAny(name, options = ',
    ],
    [INSPECT],
    [DECLARED],
    // Metrics about itself, without a MeterProvider.
    [/\n\t\tconst meter = [^]*?(?=\n\t\})/],
    [/const recordEndMetrics = .*\n/],
    [/,\s*recordEndMetrics\n/],
    [/api\.diag\.debug\("Instrumentation suppressed.*\n/],
    [/api\.diag\.debug\("Recording is off.*\n/],
    // The limits of an attribute are the same everywhere.
    [/\{\s*attributeCountLimit: this\._spanLimits\.attributePerLinkCountLimit,[^]*?\}/, 'this._spanLimits'],
    [/this\._sampler = [^]*?this\._spanProcessor = options\.spanProcessor;/, 'this._options = options;'],
    [/const parentSpan = /, 'const { idGenerator, sampler, spanLimits } = this._options;\n\t\tconst parentSpan = '],
    [/this\._(idGenerator|sampler|spanLimits)\b/g, '$1'],
    // Ours says whether, and nothing else.
    [
      /const attrsData1 = [^]*?(?=const spanContext = )/,
      `const { attributes = {}, droppedAttributesCount = 0 } = cleanAttributes(options.attributes, spanLimits);
      const { decision } = sampler.shouldSample(context, traceId, name, spanKind, attributes, links);
      const traceFlags = decision === 0 ? 0 : 1;
      `,
    ],
    [/samplingResult\.decision === 0/, 'decision === 0'],
    [/const attrsData2 = .*\n/],
    [/resource: this\._resource,\s*/],
    [
      /attributes: attrsData2\.attributes,\s*droppedAttributesCount: .*\n/,
      'attributes,\n\t\t\tdroppedAttributesCount,\n',
    ],
    [/startTime: options\.startTime,[^]*?\}\);/, 'startTime: options.startTime\n\t\t}, this._options);'],
  ),
  ...inModule(
    'sdk-trace/dist/Span.mjs',
    ours('sdk-guards', 'guardSpan, isLink, toText'),
    // Of other types a receiver would refuse all of the request.
    [/this\.name = (opts\.name|name);/g, 'this.name = toText($1);'],
    [/(this\.events\.push\(\{\s*)name,/, '$1name: toText(name),'],
    [/this\.kind = opts\.kind/, 'this.kind = opts.kind | 0'],
    [/code: status\.code/, 'code: status.code | 0'],
    [
      /const \{ linkCountLimit \} = this\._spanLimits;(?=[^]*context: link\.context)(?![^]*const \{ linkCountLimit)/,
      'if (!isLink(link)) return this;\n$&',
    ],
    [/export \{ SpanImpl \};/, 'guardSpan(SpanImpl.prototype);\n$&'],
    // A time that no clock shows is none that was given: 64 bits of nanoseconds hold it, from 1970 on.
    [
      /_getTime\(inp\) \{[^]*?if \(isTimeInputHrTime\(inp\)\) return inp;/,
      `_getTime(inp) {
        if (typeof inp === "number") inp = inp <= performance.now() ? hrTime(inp + this._performanceOffset) : millisToHrTime(inp);
        else if (inp instanceof Date) inp = millisToHrTime(inp.getTime());
        if (isTimeInputHrTime(inp) && inp[0] >= 0 && inp[0] < 1e10 && inp[1] >= 0 && inp[1] < 1e10) return inp;`,
    ],
    [INSPECT],
    [DECLARED],
    // A field that anybody may read needs no getter.
    [/get (\w+)\(\) \{\s*return this\._\1;\s*\}/g],
    [/\b_(duration|ended|dropped\w+Count)\b/g, '$1'],
    [/this\._recordEndMetrics = .*\n/],
    [/constructor\(opts\)/, 'constructor(opts, { resource, spanLimits, spanProcessor })'],
    [/opts\.(resource|spanLimits|spanProcessor)/g, '$1'],
    // There are links and attributes, which these are set by.
    [/^\t(?:links = \[\]|(?:droppedAttributesCount|droppedLinksCount|_attributesCount) = 0);\n/gm],
    [
      /if \(opts\.links\) \{[^]*?\n\t\t\}\n/,
      'this.links = opts.links.slice(-spanLimits.linkCountLimit); this.droppedLinksCount = opts.links.length - this.links.length;\n',
    ],
    [/opts\.attributes \?\? \{\}/, 'opts.attributes'],
    [/opts\.droppedAttributesCount \?\? 0/, 'opts.droppedAttributesCount'],
    [/this\._recordEndMetrics\?\.\(\);\n/],
    [/\{\s*attributeCountLimit: this\._spanLimits\.attributePerEventCountLimit,[^]*?\}/, 'this._spanLimits'],
    [/\{\s*attributeCountLimit: this\._spanLimits\.attributePerLinkCountLimit,[^]*?\}/, 'this._spanLimits'],
    // No limit is 0 or undefined.
    [/if \(eventCountLimit === 0\) \{[^]*?\n\t\t\}\n/],
    [/if \(linkCountLimit === 0\) \{[^]*?\n\t\t\}\n/],
    [/eventCountLimit !== void 0 && /],
    [/linkCountLimit !== void 0 && /],
    [
      /maybeAddAttribute\(\{[^]*?\}\)/,
      'maybeAddAttribute(this.attributes, key, value, this._attributesCount, this._spanLimits)',
    ],
    [/Object\.prototype\.hasOwnProperty\.call\(/, 'Object.hasOwn('],
    // The span itself says how many were dropped.
    [/if \(this\.droppedAttributesCount === 1\) diag\.warn\(.*\n/],
    [/if \(this\.droppedEventsCount === 0\) diag\.debug\(.*\n/],
    [/if \(this\.droppedLinksCount === 0\) diag\.debug\(.*\n/],
    [/if \(this\.droppedEventsCount > 0\) diag\.warn\(.*\n/],
    [/if \(this\.droppedLinksCount > 0\) diag\.warn\(.*\n/],
    // What is invalid is left out.
    [/\s*else if \(status\.message != null\) diag\.warn\(.*/],
    [/\s*else diag\.warn\(`Failed to record an exception.*/],
    // Said twice.
    [/\{\s*diag\.error\(`.* - You can only call end\(\) on a span once\.`\);\s*return;\s*\}/, 'return;'],
    [/const error = (.*?new Error)\(`Operation attempted.*\n(.*), error\)/, '$2, $1())'],
  ),
  // It is told the time.
  ...inModule('core/dist/common/time.mjs', [
    /typeof performanceNow === "number" \? performanceNow : performance\.now\(\)/,
    'performanceNow',
  ]),
]
