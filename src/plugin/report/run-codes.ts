/** What a running function says, once per cause and process. The texts are where they are said: `src/runtime/`. */
import type { Explained } from './codes.ts'

export const runCodes = {
  UO201: {
    title: 'Tracing is off: no endpoint',
    cause: 'The function is deployed, and no variable says where to send spans.',
    remedy:
      'Set `OTEL_EXPORTER_OTLP_ENDPOINT` to the OTLP/HTTP address of the collector, `http://host:4318`; on Workers as a variable or a secret.',
  },
  UO202: {
    title: 'Tracing is off: the endpoint is not a URL',
    cause:
      'The value of the variable does not begin with `http://` or `https://`, or cannot be parsed. It is not repeated: it may have credentials in it.',
    remedy: 'Write it with its scheme: `http://host:4318`.',
  },
  UO203: {
    title: 'OTLP over gRPC is not supported',
    cause: 'The port is 4317, or the protocol `grpc`.',
    remedy: 'Use the port of OTLP/HTTP, usually 4318.',
  },
  UO204: {
    title: 'The variable asks for another encoding',
    cause:
      '`OTEL_EXPORTER_OTLP_PROTOCOL`, or `…_TRACES_PROTOCOL`, names one that is not in the bundle: only one serializer is.',
    remedy: "Set `protocol: '…'` in `otel()`.",
  },
  UO205: {
    title: 'The collector is not reached',
    cause:
      'The connection failed, no answer came, or it says that it cannot take them now (429, 502, 503, 504). Undelivered spans are kept and sent later, or lost where another attempt cannot help. Until it answers again it is asked once in a while: after thirty times what the failure took, 1 s at least, doubled with each failure up to tenfold, 5 min at the most.',
    remedy: 'Check the address and the network of the function.',
  },
  UO206: {
    title: 'The collector refused the spans',
    cause:
      'It answered with a status that another attempt would not change, by a redirect, which is not followed (headers are for the configured origin), or by a page.',
    remedy: '401 and 403: `OTEL_EXPORTER_OTLP_HEADERS`. 404, 3xx and pages: the path. 400 and 415: the encoding.',
  },
  UO207: {
    title: 'The collector took only a part',
    cause:
      'Its answer says how many spans it rejected, and why. `***` stands for a word of the headers, the path or the query that was sent: it may be a credential.',
    remedy: 'What it says.',
  },
  UO208: {
    title: 'The collector is slow',
    cause: 'An export did not end within its budget: for a while flushes are not waited for.',
    remedy: 'Use a collector that is nearer, or raise `flush.budgetMs`.',
  },
  UO209: {
    title: 'Undelivered spans are dropped',
    cause:
      'More than `batching.maxQueueSize` (2,048) of them, or 1 MiB, wait for a collector that does not answer: the oldest go first, those of invocations with an error last. The next root that is exported says in `otel.dropped_spans` how many, and in `otel.dropped_reasons` why.',
    remedy: 'See to the collector.',
  },
  UO210: {
    title: 'Another OpenTelemetry provider is registered',
    cause:
      'A provider of somebody else is registered, by a layer or in the code: it records and exports, and we flush it.',
    remedy: 'Nothing, or take it away: the plugin brings its own.',
  },
  UO211: {
    title: 'The time of an invocation is short',
    cause:
      'The handler still runs `flush.marginMs` before the deadline, so its open spans end there with `error.type` `timeout`; or it has answered so late that the export was not waited for any longer.',
    remedy: 'Raise the timeout of the function; a collector that is nearer needs less of it.',
  },
  UO213: {
    title: 'An invocation made more spans than are exported',
    cause:
      '`limits.spansPerInvocation`, 10,000 by default, keeps a loop that runs away from filling the memory. Errors are kept before others; the root says in `unplugin_otel.dropped_spans` how many were left out.',
    remedy:
      'Make fewer spans, or raise `limits.spansPerInvocation`: each one that waits for its export takes some 1.5 kB of the function’s memory.',
  },
  UO216: {
    title: 'The other OpenTelemetry provider is slow',
    cause:
      'Its flush failed, or did not end within `flush.budgetMs`: for a while it is not waited for, and what it has not sent when the platform freezes the function may be lost.',
    remedy: 'See to where it sends. Or take it away: the plugin brings its own.',
  },
  UO220: {
    title: 'A variable has a value that it cannot have',
    cause: 'The message names the variable, and what it must be. It is taken as if it were not set.',
    remedy: 'Correct it where the function is deployed, or set the option of `otel()`, which wins over the variable.',
  },
  UO230: {
    title: 'Context is lost at the first await',
    cause:
      'There is no AsyncLocalStorage, so after an `await` no span is active: what is created there has no parent, what `withContext` was given is not on it, and `log` has no span. What is synchronous works.',
    remedy:
      'On Workers add `nodejs_als` (or `nodejs_compat`) to `compatibility_flags`. Elsewhere register a context manager that uses it, or use the span that `traced` gives.',
  },
  UO231: {
    title: 'withContext does not reach the spans of another provider',
    cause:
      'The provider that is registered is not ours, and makes tracers that have no class in common, so nothing can be added to all of them.',
    remedy: 'Set the attributes on the spans themselves. Or take that provider away: the plugin brings its own.',
  },
  UO240: {
    title: 'A function of `otel.config.ts` failed',
    cause: 'It threw, its promise was rejected, or it took longer than the flush may. It is ignored, and called again.',
    remedy: 'The message has the key, and what was thrown.',
  },
  UO241: {
    title: 'A part of `otel.config.ts` does nothing beside another provider',
    cause:
      'The provider that is registered is not ours: it has its own processors, exporters, sampler and resource, and sends what it records.',
    remedy: 'Give them to that provider. Or take it away: the plugin brings its own.',
  },
} as const satisfies Record<string, Explained>
