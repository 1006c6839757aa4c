/**
 * What guides tell to write by hand, and what a build with this plugin makes of it. The one table: another SDK is
 * another row, and nothing else.
 *
 * A finding is `sure` when removing it loses nothing today, because spans that it would send are sent by the flush of
 * each wrapped invocation: that is so for a tracer provider which is registered globally, for it is flushed through its
 * own `forceFlush`, and for no other. `registered.ts` and `surroundings.ts` tell whether that happens, and in time; `reach.ts` and
 * `callbacks.ts` whether it runs in wrapped handlers only: in an entry with handlers, or in what such entries alone
 * import, and in no callback that a module gives to a server, a timer or a scheduler. Where no entry is known, nothing
 * is sure.
 * Whatever an SDK sends by a client of its own (its row has `sends`) still needs that client's flush, and what it wraps
 * is not traced by us yet, so these are named, and `migrate` takes flushes, options and imports of theirs away only
 * with `--all`, for whoever leaves that SDK. Wrappers and set-ups it never takes away, for nothing would stand in for
 * them: LLM calls, samplers and resources in code.
 *
 * Not in the table, since it is not obsolete: what flushes errors, analytics, metrics or logs (Sentry, PostHog,
 * MeterProvider, LoggerProvider), and `shutdown` at the end of a process.
 *
 * A path is what a value is made by, from the name that its package exports: `getClient().flush()` is a call of a
 * method, `new BatchSpanProcessor()` an instance whatever its arguments, `*.flush()` a method of anything of the package.
 */
export interface Seed {
  readonly packages: readonly string[]
  /** Whose client sends what is flushed. Unset: an OpenTelemetry provider does. */
  readonly sends?: string
  /** Calls. */
  readonly flushes?: readonly string[]
  /** Calls that return what they are given, traced. */
  readonly wrappers?: readonly string[]
  /** Calls that give a client or provider which is there already: without a use they do nothing. */
  readonly accessors?: readonly string[]
  /** Call → properties of its first argument, when they are `true`. */
  readonly options?: Readonly<Record<string, readonly string[]>>
  /** Sub-paths for the edge. Set to what they become: '' is the package itself; undefined is left to the user. */
  readonly edge?: Readonly<Record<string, string | undefined>>
  /** Instances that record or export spans. */
  readonly setUps?: readonly string[]
  /** OTLP exporters: what others send goes where nothing of ours does. */
  readonly exporters?: readonly string[]
  /** Calls that register the processors they are given. */
  readonly registers?: readonly string[]
  /** What is flushed is registered, by whatever made it. */
  readonly isRegistered?: true
}

/** What they export of each other: https://www.npmjs.com/package/@opentelemetry/sdk-node has two as namespaces. */
const inNamespaces = (names: readonly string[], end = '') =>
  ['', 'tracing.', 'node.'].flatMap((namespace) => names.map((name) => `new ${namespace}${name}()${end}`))

const PROVIDERS = ['BasicTracerProvider', 'NodeTracerProvider', 'WebTracerProvider', 'TracerProvider']
const PROCESSORS = ['BatchSpanProcessor', 'SimpleSpanProcessor']

const seeds: readonly Seed[] = [
  {
    packages: ['@opentelemetry/api'],
    flushes: ['trace.getTracerProvider().forceFlush()', 'trace.getTracerProvider().getDelegate().forceFlush()'],
    accessors: ['trace.getTracerProvider()', 'trace.getTracerProvider().getDelegate()'],
    isRegistered: true,
  },
  {
    packages: [
      '@opentelemetry/sdk-trace-base',
      '@opentelemetry/sdk-trace-node',
      '@opentelemetry/sdk-trace-web',
      '@opentelemetry/sdk-trace',
      '@opentelemetry/sdk-node',
    ],
    flushes: inNamespaces([...PROVIDERS, ...PROCESSORS], '.forceFlush()'),
    setUps: inNamespaces(PROCESSORS),
  },
  {
    packages: ['http', 'proto', 'grpc'].map((protocol) => `@opentelemetry/exporter-trace-otlp-${protocol}`),
    exporters: ['new OTLPTraceExporter()'],
  },
  // https://langfuse.com/docs/observability/sdk/typescript/setup: spans go by the provider that has the processor.
  { packages: ['@langfuse/otel'], flushes: ['new LangfuseSpanProcessor().forceFlush()'] },
  // It starts a NodeSDK with the one processor that this flushes.
  { packages: ['@traceloop/node-server-sdk'], flushes: ['forceFlush()'], isRegistered: true },
  { packages: ['@vercel/otel'], registers: ['registerOTel()'] },
  // Its provider is global unless it is told not to be.
  { packages: ['@arizeai/phoenix-otel'], sends: 'Phoenix', flushes: ['register().forceFlush()'] },
  {
    packages: ['@microlabs/otel-cf-workers', '@pydantic/otel-cf-workers'],
    wrappers: ['instrument()', 'instrumentDO()'],
  },
  {
    packages: ['@runotis/sdk'],
    sends: 'Otis',
    flushes: ['*.flush()'],
    wrappers: ['*.wrap()'],
    accessors: ['*.getClient()'],
    options: { 'initOtis()': ['serverless'] },
    edge: { edge: '' },
  },
  ...(['Zespan', 'LumiqTrace'] as const).map((sends) => ({
    packages: [`@${sends.toLowerCase()}/sdk`],
    sends,
    flushes: ['*.flush()'],
    wrappers: ['OpenAI', 'Anthropic', 'GoogleGenerativeAI', 'Bedrock', 'Mistral', 'Groq'].map((of) => `*.wrap${of}()`),
    accessors: ['*.getClient()'],
  })),
  {
    packages: ['@baselime/node-opentelemetry'],
    sends: 'Baselime',
    options: { 'new BaselimeSDK()': ['serverless'] },
  },
  {
    packages: ['braintrust'],
    sends: 'Braintrust',
    flushes: ['flush()', 'initLogger().flush()', 'currentLogger().flush()'],
    wrappers: ['OpenAI', 'OpenAIv4', 'Anthropic', 'AISDK', 'AISDKModel', 'GoogleGenAI', 'Mistral', 'Traced'].map(
      (of) => `wrap${of}()`,
    ),
    // It has a condition for each in its exports, so which of them a build knows is its user's to say.
    edge: { 'edge-light': undefined, workerd: undefined },
  },
  {
    packages: ['langsmith'],
    sends: 'LangSmith',
    flushes: ['new Client().awaitPendingTraceBatches()', 'new Client().flush()'],
    wrappers: ['wrapOpenAI()', 'wrapAISDK()', 'wrapSDK()', 'wrapAnthropic()', 'wrapGemini()'],
  },
  {
    packages: ['langfuse'],
    sends: 'Langfuse',
    flushes: [
      'new Langfuse().flushAsync()',
      'new Langfuse().shutdownAsync()',
      'observeOpenAI().flushAsync()',
      'observeOpenAI().shutdownAsync()',
    ],
    wrappers: ['observeOpenAI()'],
  },
  { packages: ['@langfuse/openai'], sends: 'Langfuse', wrappers: ['observeOpenAI()'] },
  { packages: ['@lmnr-ai/lmnr'], sends: 'Laminar', flushes: ['Laminar.flush()'] },
  // It flushes metrics and logs as well.
  { packages: ['@pydantic/logfire-node'], sends: 'Logfire', flushes: ['forceFlush()'] },
  { packages: ['opik'], sends: 'Opik', flushes: ['new Opik().flush()'] },
  { packages: ['opik-openai'], sends: 'Opik', flushes: ['trackOpenAI().flush()'], wrappers: ['trackOpenAI()'] },
  { packages: ['weave'], sends: 'Weave', wrappers: ['wrapOpenAI()'] },
  { packages: ['@posthog/ai'], sends: 'PostHog', wrappers: ['withTracing()'] },
]

export function seedOf(specifier: string): Seed | undefined {
  return seeds.find(({ packages }) => packages.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
}

/** @param path of a value of the row's package */
export function isOneOf(paths: readonly string[] | undefined, path: string): boolean {
  return paths?.some((each) => (each.startsWith('*') ? `.${path}`.endsWith(each.slice(1)) : each === path)) ?? false
}

/** Every package of the table: what a project has none of has nothing obsolete. */
export const packages: ReadonlySet<string> = new Set(seeds.flatMap((seed) => seed.packages))

const lastName = (path: string) => /(\w+)\(\)$/.exec(path)![1]!

/** What a module says that has a finding in it: the cheap question, before it is parsed. */
export const MENTIONS = new RegExp(
  [
    ...[...packages].map((name) => name.replace(/[./-]/g, '\\$&')),
    ...new Set(seeds.flatMap(({ flushes = [], wrappers = [] }) => [...flushes, ...wrappers].map(lastName))),
  ]
    .map((word) => (/^\w/.test(word) ? `\\b${word}\\b` : word))
    // What functions are called that do it for others.
    .concat('[fF]lush[A-Z]\\w*')
    .join('|'),
)
