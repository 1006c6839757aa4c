/** What `otel()` takes. Plain JSON: the same object also travels through a loader. */
import type { Target } from '../contract.ts'
import type { PlatformId } from './known-platforms.ts'
import type { Library } from './libraries.ts'
import type { Propagator } from './propagators.ts'
import type { Batching } from './runtime-options.ts'
import type { SamplingOptions } from './sampling-options.ts'

export type ResponseHeader = 'x-trace-id' | 'traceresponse' | 'server-timing'

export interface Options {
  /**
   * Whether handlers are wrapped. Turn it off to compare a build with and without.
   * @default true; false under Vitest and Jest
   */
  enabled?: boolean
  /**
   * The platform the output is deployed to. Set it when the build says that it found none, or the wrong one.
   * @default 'auto': bundler, project files, dependencies and CI variables, in this order
   */
  platform?: 'auto' | PlatformId
  /**
   * The runtime entry. Set it when one build serves two targets.
   * @default 'auto': what the platform runs on
   */
  target?: 'auto' | Target
  /**
   * `service.name`. Set it when one project has several services.
   * @default OTEL_SERVICE_NAME at run time, else the function's name
   */
  serviceName?: string
  /**
   * `service.version`. Set it to the tag of a release.
   * @default `service.version` of `OTEL_RESOURCE_ATTRIBUTES`, `SERVICE_VERSION` at run time, the host's own, else the
   * package's version and the commit that is built: `1.2.0+0a1b2c3`
   */
  serviceVersion?: string
  /** `deployment.environment.name`. @default that of `OTEL_RESOURCE_ATTRIBUTES`, else what Vercel and Netlify say */
  environment?: string
  /**
   * Globs of the modules whose exports are handlers, relative to the project root. Set it when handlers are not entries.
   * @default the bundler's entries, and what the platform names: wrangler's `main`, Next's routes
   */
  include?: string[]
  /** Globs of entries to leave alone. @default none */
  exclude?: string[]
  /**
   * Names of the exports that are handlers, for all modules or by file glob.
   * @default on Lambda what serverless.*, template.* and sst.config.* name, else `handler`, `default`, `main`,
   * `lambdaHandler`; what Cloudflare and Next.js call by their own conventions; on Google Cloud Functions what a
   * `--target` names, beside what is registered by a call, there and on Firebase
   */
  handlers?: string[] | Record<string, string[]>
  /**
   * Paths and routes of requests that make no span, nor do their children: `/health`, `/internal/**`, `/users/{id}`.
   * `*` is any part of a segment, `**` any number of segments, `{a,b}` either; all else is as it is written. What a
   * router finds out later (Express) has no route yet when it begins. Set it for health checks and polling.
   * @default none
   */
  ignore?: string[]
  /**
   * The header in which a response names its trace, if it has no such header: `'x-trace-id'` the id alone (32 hex
   * digits), `'traceresponse'` as W3C has it (`00-<trace>-<span>-01`), `'server-timing'` the same where browsers show it
   * (`traceparent;desc="…"`). Set it so that who reports a problem can say which request it was.
   * @default false
   */
  responseHeader?: false | ResponseHeader
  /**
   * Names of headers that become `http.request.header.<name>` and `http.response.header.<name>`, lists of strings.
   * Those that carry credentials are refused. Set it for what tells requests apart: `x-tenant`, `cf-ipcountry`.
   * @default none
   */
  captureHeaders?: { request?: string[]; response?: string[] }
  /**
   * Whether a trace goes on that a caller has begun. `false`: each invocation begins one, and links to the caller's.
   * Turn it off where anybody can call and say what they want. Next.js reads its callers itself.
   * @default true
   */
  trustIncoming?: boolean
  /**
   * Whose calls get a span: `'fetch'` (on Node also undici) and, on Node, `'http'` (and https, and what is made of
   * them) and `'aws-sdk'`, its version 3: one span a command, and the trace's context in what `Invoke`, `SendMessage`,
   * `Publish` and `PutEvents` send. `false` for none, with which they get no trace context either. Next.js traces
   * `fetch` itself.
   * @default 'auto': `'fetch'` and `'http'`, and `'aws-sdk'` where package.json has a client of it
   */
  libraries?: 'auto' | Library[] | false
  /**
   * Hosts, `api.example.com` or `*.example.com`. `traceparent` goes to every one but those of `except`, of providers of
   * language models, and of signed URLs and requests; `baggage` goes to those that are named and to no other. Set it
   * where somebody refuses headers, or is to know what is in the baggage.
   * @default none
   */
  propagateTo?: { except?: string[]; baggage?: string[] }
  /**
   * When spans are exported. `'invocation'`: all that ended, when the invocation ends, in one request.
   * `'immediate'`: every span in a request of its own, as it ends. `'interval'`: nobody waits, for servers
   * that are never frozen. Numbers: export while the invocation runs, as soon as that many spans ended or that
   * many milliseconds passed; `maxQueueSize` bounds what is kept: a full queue is exported and not cut, and of what
   * a collector that is away has missed no more is kept (2,048 by default).
   * @default 'auto': 'invocation' on serverless platforms; batches of a second or 512 spans under `next start`
   */
  batching?: Batching
  flush?: {
    /** `'await'`: before the handler settles. `'interval'`: nobody waits. @default 'auto': the platform's own primitive */
    mode?: 'auto' | 'await' | 'interval'
    /** Milliseconds an invocation may spend on its export. Raise it for a slow collector. @default 1000 */
    budgetMs?: number
    /**
     * Milliseconds before the platform's deadline at which what is open ends, as a timeout, and the export gives up.
     * Raise it where the collector is slow and timeouts are to be seen. @default 500
     */
    marginMs?: number
  }
  /**
   * Which traces are exported, by all that an invocation's spans say when it ends. Set it where all of them are too many.
   * Others get the `sampled` flag of `ratio`, by the trace's id, so that services with the same ratio keep the same traces.
   * A caller's flag is taken over: unsampled always, sampled for up to ten times the ratio of all invocations, because
   * anybody can send it. Roots say why they were kept (`sampling.decision`).
   * @default everything but what the caller has not sampled; with `OTEL_TRACES_SAMPLER` set while building, what it and
   * `OTEL_TRACES_SAMPLER_ARG` say at run time
   */
  sampling?: SamplingOptions
  /**
   * In which headers a trace goes on: of `tracecontext`, `baggage`, `b3`, `b3multi`, `xray`, or `none` alone. Set it where
   * others read no W3C trace context. Where a caller sends several, the first of these that is there counts.
   * @default what `OTEL_PROPAGATORS` says while building, else `tracecontext`: the code of others is not in the bundle
   */
  propagators?: Propagator[]
  limits?: {
    /**
     * How many spans of one invocation are exported. Over it errors are kept before others, and the root says how many
     * were left out. Raise it where an invocation is meant to make more and has the memory: 1.5 kB for each that waits.
     * @default 10000, 100000 at the most
     */
    spansPerInvocation?: number
    /**
     * Characters of an attribute's value, the rest is cut, and the span says how often (`unplugin_otel.truncated_attributes`).
     * Lower it where spans are refused for their size. @default 65536
     */
    attributeLength?: number
  }
  /** The OTLP encoding, chosen at build time because only one serializer is bundled. @default 'http/json' */
  protocol?: 'http/json' | 'http/protobuf'
  /**
   * The module of functions (hooks, processors, exporters), relative to the project root; `false`: none. Set it when it
   * has another name, or is somewhere else.
   * @default the nearest `otel.config.ts`, `.mts`, `.js` or `.mjs` from the handler's folder up to the project root
   */
  configFile?: string | false
  /**
   * What the build says it did. `'summary'`: platform, target, handlers, near-misses. `'verbose'`: also what decided,
   * and the source around each near-miss. `'json'`: a line of JSON (`BuildReport`), for tools. `false`: warnings alone.
   * @default 'summary'
   */
  report?: 'summary' | 'verbose' | 'json' | false
  /** Whether warnings and near-misses fail the build. Set it in CI, once the report is as you want it. @default false */
  strict?: boolean
  /**
   * Prints for each entry what was wrapped, and why the rest was not (as `DEBUG=unplugin-otel`). Each root says how the
   * flush before went: `unplugin_otel.flush.duration` in seconds, `.attempts`, `.retained_spans`, `.dropped_spans`.
   * @default false
   */
  debug?: boolean
}
