/**
 * What each host does to get spans out before it freezes the function, for people: the doing is in
 * `runtime/hosts/<host>.ts`, and a test compares the two.
 */
import type { FlushOptions, KeepAlive } from '../contract.ts'
import type { TransformFacts } from './emit.ts'

export interface FlushPrimitive {
  readonly when: KeepAlive
  readonly primitive: string
  /** Where that is not to be had. */
  readonly otherwise?: string
  /** The platform tells when it ends an invocation. */
  readonly hasDeadline?: boolean
}

export interface FlushChoice {
  readonly mode: FlushOptions['mode']
  readonly target: 'edge' | 'node'
  /** How the output registers an extension. */
  readonly register: TransformFacts['register']
}

const AWAITED = "awaited before the handler settles, as flush: { mode: 'await' } asks"
const NOBODY = 'when the invocation ends, and nobody waits'

const PRIMITIVES: Readonly<Record<string, (choice: FlushChoice) => FlushPrimitive>> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
  'aws-lambda': ({ mode, register }) => {
    if (mode === 'await') return { when: 'before', primitive: AWAITED, hasDeadline: true }
    if (mode === 'interval') return { when: 'interval', primitive: NOBODY, hasDeadline: true }
    if (!register) return { when: 'before', primitive: 'awaited before the handler settles', hasDeadline: true }
    return {
      when: 'after',
      primitive: `an internal extension keeps the environment awake; it registers ${REGISTERS[register]}`,
      otherwise: 'before the response, if it is refused or a collector extension listens on localhost',
      hasDeadline: true,
    }
  },
  // https://developers.cloudflare.com/workers/runtime-apis/context/#waituntil
  workerd: ({ mode }) =>
    mode === 'await'
      ? { when: 'before', primitive: AWAITED }
      : { when: 'after', primitive: 'ctx.waitUntil() of the event keeps the isolate' },
  // https://docs.netlify.com/build/functions/api/#waituntil
  netlify: ({ mode, target }) => ({
    ...(mode === 'await'
      ? { when: 'before', primitive: AWAITED }
      : {
          when: 'after',
          primitive: 'context.waitUntil() keeps the function running',
          ...(target === 'node' && { otherwise: 'before the handler settles, in functions of (event, context)' }),
        }),
    ...(target === 'node' && { hasDeadline: true }),
  }),
  // https://cloud.google.com/run/docs/configuring/billing-settings
  'google-cloud': ({ mode }) => ({
    ...(mode === 'interval'
      ? { when: 'interval', primitive: NOBODY }
      : {
          when: 'before',
          primitive: 'the end of the answer waits; of several requests at once, only that of the last',
        }),
    otherwise: 'what is left when the instance is told to stop (SIGTERM) goes out then, within 250 ms',
  }),
  // https://nodejs.org/api/process.html#signal-events
  server: ({ mode }) => ({
    ...(mode === 'await'
      ? { when: 'before', primitive: 'the end of the answer waits; of several requests at once, only that of the last' }
      : { when: 'interval', primitive: 'in batches, and when the server is told to stop (SIGTERM, SIGINT)' }),
    ...(mode === 'auto' && {
      otherwise:
        'on Cloud Run (K_SERVICE) and behind Lambda’s web adapter the end of the last answer in flight waits for the export',
    }),
  }),
  // https://learn.microsoft.com/azure/azure-functions/functions-scale
  azure: ({ mode }) => {
    if (mode === 'interval') return { when: 'interval', primitive: NOBODY }
    if (mode === 'await') return { when: 'before', primitive: AWAITED }
    return {
      when: 'before',
      primitive: 'awaited before the invocation is answered',
      otherwise: `on plans whose instances stay (Premium, dedicated): ${NOBODY}`,
    }
  },
  // https://nextjs.org/docs/app/api-reference/functions/after#platform-support
  'next-server': ({ mode }) => {
    if (mode === 'await') return { when: 'before', primitive: AWAITED }
    if (mode === 'interval') return { when: 'interval', primitive: 'in batches, and when the server is told to stop' }
    return {
      when: 'after',
      primitive: 'waitUntil() of the request context, which Vercel, OpenNext and Netlify set',
      otherwise: 'before the response ends where a host freezes without one; under `next start` in batches',
    }
  },
  'next-edge': ({ mode }) => {
    if (mode === 'await') return { when: 'before', primitive: AWAITED }
    if (mode === 'interval') return { when: 'interval', primitive: NOBODY }
    return {
      when: 'after',
      primitive: 'waitUntil() of the request context, or of the event',
      otherwise: 'before the response ends where a host freezes without one; under `next start` nobody waits',
    }
  },
}

const REGISTERS: Readonly<Record<'awaited' | 'started' | 'exported', string>> = {
  awaited: 'in an await at the end of the ES module',
  started: 'while the module loads: an ES module awaits it at its end, CommonJS has `then` in its exports meanwhile',
  exported: 'while the module loads, which has `then` in its exports meanwhile',
}

/** Undefined: a host without an entry here. */
export function findFlushPrimitive(host: string, choice: FlushChoice): FlushPrimitive | undefined {
  return PRIMITIVES[host]?.(choice)
}
