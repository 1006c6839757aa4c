/** What each option may be, and what is said of one that is something else. */
import { PluginError } from './errors.ts'
import { platformIds } from './known-platforms.ts'
import { libraries } from './libraries.ts'
import type { Options } from './options.ts'
import { isPropagator, propagators } from './propagators.ts'
import { closest } from './suggestion.ts'

type Check = (value: unknown) => boolean
interface Rule {
  readonly expected: string
  readonly check: Check
  /** Where there are not many. */
  readonly values?: readonly string[]
}

const isString: Check = (value) => typeof value === 'string' && value !== ''
const isStrings: Check = (value) => Array.isArray(value) && value.every(isString)
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const oneOf = (...values: readonly unknown[]): Rule => ({
  expected: values.map((value) => JSON.stringify(value)).join(' | '),
  check: (value) => values.includes(value),
  values: values.filter((value) => typeof value === 'string'),
})
const string: Rule = { expected: 'a string that is not empty', check: isString }
const strings: Rule = { expected: 'an array of strings', check: isStrings }
const count: Rule = {
  expected: 'a whole number of at least 1',
  check: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
}
const milliseconds: Rule = {
  expected: 'a number of milliseconds, 0 or more',
  check: (value) => typeof value === 'number' && value >= 0 && Number.isFinite(value),
}

const batchingRules = { maxExportBatchSize: count, scheduledDelayMillis: milliseconds, maxQueueSize: count }
const flushRules = { mode: oneOf('auto', 'await', 'interval'), budgetMs: milliseconds, marginMs: milliseconds }
/** As arguments of one call, which is how spans change lists, more would overflow the stack. */
const MAX_SPANS = 100_000
const spans: Rule = {
  expected: `a whole number from 1 to ${MAX_SPANS}`,
  check: (value) => count.check(value) && (value as number) <= MAX_SPANS,
}
const paths: Rule = {
  expected: "an array of paths and routes, which begin with '/' or '*'",
  check: (value) => isStrings(value) && (value as string[]).every((path) => /^[/*]/.test(path)),
}
const headers: Rule = {
  expected: 'an array of names of headers',
  // https://www.rfc-editor.org/rfc/rfc9110#name-tokens
  check: (value) => isStrings(value) && (value as string[]).every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)),
}
const hosts: Rule = {
  expected: "an array of hosts, 'api.example.com' or '*.example.com'",
  check: (value) =>
    isStrings(value) && (value as string[]).every((host) => /^(?:\*\.)?[\w-]+(?:\.[\w-]+)*$/.test(host)),
}
const propagationRules = { except: hosts, baggage: hosts }
const captureRules = { request: headers, response: headers }
/** What they carry is for nobody who reads spans. */
const CREDENTIALS = ['authorization', 'cookie', 'set-cookie', 'proxy-authorization', 'x-api-key']
const ratio: Rule = {
  expected: 'a number from 0 to 1',
  check: (value) => typeof value === 'number' && value >= 0 && value <= 1,
}
const samplingRules = {
  ratio,
  keepErrors: oneOf(true, false),
  keepColdStarts: oneOf(true, false),
  keepSlowerThan: milliseconds,
}
const limitsRules = { spansPerInvocation: spans, attributeLength: count }
const batchingModes = oneOf('auto', 'invocation', 'immediate', 'interval')

const rules: Record<keyof Options, Rule> = {
  enabled: oneOf(true, false),
  platform: oneOf('auto', ...platformIds),
  target: oneOf('auto', 'edge', 'node'),
  serviceName: string,
  serviceVersion: string,
  environment: string,
  include: strings,
  exclude: strings,
  handlers: {
    expected: 'an array of export names, or an object of file glob → export names',
    check: (value) => isStrings(value) || (isObject(value) && Object.values(value).every(isStrings)),
  },
  ignore: paths,
  responseHeader: oneOf(false, 'x-trace-id', 'traceresponse', 'server-timing'),
  captureHeaders: { expected: `an object of ${Object.keys(captureRules).join(', ')}`, check: isObject },
  trustIncoming: oneOf(true, false),
  libraries: {
    expected: `"auto" | false | an array of ${libraries.map((name) => JSON.stringify(name)).join(', ')}`,
    check: (value) => value === 'auto' || value === false || isStrings(value),
    values: ['auto'],
  },
  propagateTo: { expected: `an object of ${Object.keys(propagationRules).join(', ')}`, check: isObject },
  batching: {
    expected: `${batchingModes.expected} | { ${Object.keys(batchingRules).join(', ')} }`,
    check: (value) => batchingModes.check(value) || isObject(value),
    values: batchingModes.values!,
  },
  flush: { expected: `an object of ${Object.keys(flushRules).join(', ')}`, check: isObject },
  propagators: {
    expected: `an array of ${oneOf(...propagators).expected}, 'none' alone`,
    check: (value) =>
      isStrings(value) &&
      (value as string[]).every(isPropagator) &&
      (!(value as string[]).includes('none') || (value as string[]).length === 1),
  },
  sampling: { expected: `an object of ${Object.keys(samplingRules).join(', ')}`, check: isObject },
  limits: { expected: `an object of ${Object.keys(limitsRules).join(', ')}`, check: isObject },
  protocol: oneOf('http/json', 'http/protobuf'),
  configFile: { expected: 'a path, or false', check: (value) => value === false || isString(value) },
  report: oneOf('summary', 'verbose', 'json', false),
  strict: oneOf(true, false),
  debug: oneOf(true, false),
}

/** @throws {PluginError} for an unknown name or a value of the wrong shape */
export function checkOptions(options: Options): void {
  const given: unknown = options
  if (!isObject(given))
    throw new PluginError(
      `otel(${typeof given === 'string' ? 'a string' : show(given)})`,
      'It takes one object of options, or nothing.',
      'UO132',
    )
  check(options, rules, '')
  if (isObject(options.batching)) check(options.batching, batchingRules, 'batching.')
  if (options.flush) check(options.flush, flushRules, 'flush.')
  if (options.sampling) check(options.sampling, samplingRules, 'sampling.')
  if (options.limits) check(options.limits, limitsRules, 'limits.')
  if (options.captureHeaders) checkHeaders(options.captureHeaders)
  if (options.propagateTo) check(options.propagateTo, propagationRules, 'propagateTo.')
  if (Array.isArray(options.libraries)) options.libraries.forEach(checkLibrary)
}

function checkLibrary(name: string): void {
  if (libraries.some((known) => known === name)) return
  const similar = closest(name, libraries)
  throw new PluginError(
    `otel(): libraries has '${name}'`,
    similar ? `Did you mean '${similar}'?` : `Libraries: ${libraries.join(', ')}.`,
    'UO131',
  )
}

/** @throws {PluginError} for one that carries credentials, too */
function checkHeaders(captured: NonNullable<Options['captureHeaders']>): void {
  check(captured, captureRules, 'captureHeaders.')
  for (const side of ['request', 'response'] as const) {
    const refused = captured[side]?.find((name) => CREDENTIALS.includes(name.toLowerCase()))
    if (!refused) continue
    throw new PluginError(
      `otel(): captureHeaders.${side} has '${refused}'`,
      `It carries credentials, which must be in no span: take it out. Refused are ${CREDENTIALS.join(', ')}.`,
      'UO131',
    )
  }
}

function check(values: object, known: Readonly<Record<string, Rule>>, prefix: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue
    const rule = Object.hasOwn(known, name) ? known[name] : undefined
    if (!rule) {
      const similar = closest(name, Object.keys(known))
      throw new PluginError(
        `otel(): unknown option '${prefix}${name}'`,
        similar ? `Did you mean '${prefix}${similar}'?` : `Options: ${Object.keys(known).join(', ')}.`,
        'UO130',
      )
    }
    if (!rule.check(value)) {
      const similar = typeof value === 'string' ? closest(value, rule.values ?? []) : undefined
      const question = similar ? `Did you mean ${show(similar)}? ` : ''
      throw new PluginError(
        `otel(): ${prefix}${name} is ${show(value)}`,
        `${question}It must be ${rule.expected}.`,
        'UO131',
      )
    }
  }
}

/** Not what is in an object: it may be `process.env`. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join()}]`
  if (isObject(value)) return toShape(value)
  if (typeof value === 'function') return 'a function'
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

const MAX_SHOWN = 3

function toShape(value: Record<string, unknown>): string {
  const entries = Object.entries(value)
  const shown = entries.slice(0, MAX_SHOWN).map(([name, each]) => {
    return `${JSON.stringify(name)}: ${typeof each === 'string' ? 'a string' : isObject(each) ? 'an object' : show(each)}`
  })
  return `{ ${[...shown, ...(entries.length > MAX_SHOWN ? ['…'] : [])].join(', ')} }`
}
