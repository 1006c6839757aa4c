/** What the SDK takes as attributes and cuts to its limits, in fewer words. No limit is 0 or negative. */
import { diag } from '@opentelemetry/api'

export interface Limits {
  readonly attributeCountLimit: number
  readonly attributeValueLengthLimit: number
}

type Values = Record<string, unknown>

// `AddAttributeDecision` of the SDK: an undefined value is no attribute, and one that overwrites another is not counted.
const IGNORED = 0
const INVALID = 1
export const OVER_LIMIT = 2
export const ADDED = 3
const OVERWRITTEN = 4

/** @param count how many `attributes` has */
export function maybeAddAttribute(
  attributes: Values,
  key: string,
  value: unknown,
  count: number,
  limits: Limits,
  isValid: (value: unknown) => boolean = isAnyValue,
): number {
  if (value === undefined) return IGNORED
  if (key.length === 0) return INVALID
  const isNew = !Object.hasOwn(attributes, key)
  if (isNew && count >= limits.attributeCountLimit) return OVER_LIMIT
  if (!isValid(value)) {
    diag.warn('invalid attribute', key)
    return INVALID
  }
  attributes[key] = copy(value, limits.attributeValueLengthLimit)
  return isNew ? ADDED : OVERWRITTEN
}

export function cleanAttributes(given: unknown, limits: Limits, isValid = isAnyValue) {
  if (typeof given !== 'object' || !given) return {}
  const attributes: Values = {}
  let count = 0
  let droppedAttributesCount = 0
  for (const key of Object.keys(given)) {
    let decision = INVALID
    try {
      decision = maybeAddAttribute(attributes, key, (given as Values)[key], count, limits, isValid)
    } catch {
      // What throws when it is read.
    }
    if (decision === ADDED) count++
    else if (decision !== IGNORED) droppedAttributesCount++
  }
  return { attributes, droppedAttributesCount }
}

export function cleanSimpleAttributes(given: unknown, limits: Limits) {
  return cleanAttributes(given, limits, isSimpleAttributeValue)
}

/** More than that many objects in a value are a cycle, or too much for receivers. */
const MAX_OBJECTS = 1000

function isAnyValue(value: unknown, budget?: { left: number }): boolean {
  if (isPrimitive(typeof value) || value === null || value instanceof Uint8Array) return true
  if (typeof value !== 'object') return false
  const rest = budget ?? { left: MAX_OBJECTS }
  return rest.left-- > 0 && isAnyValueObject(value as Values, rest)
}

function isAnyValueObject(value: Values | readonly unknown[], budget: { left: number }): boolean {
  const isValid = (item: unknown): boolean => item === undefined || isAnyValue(item, budget)
  if (Array.isArray(value)) {
    for (const item of value) if (!isValid(item)) return false
    return true
  }
  const { constructor } = value
  if (constructor !== Object && constructor !== undefined) return false
  for (const key of Object.keys(value)) if (!isValid((value as Values)[key])) return false
  return true
}

/** Of a valid value. */
function copy(value: unknown, limit: number): unknown {
  if (typeof value === 'string' || value instanceof Uint8Array) return cut(value, limit)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => copy(item, limit))
  const copied: Values = {}
  for (const [key, item] of Object.entries(value)) if (item !== undefined) copied[key] = copy(item, limit)
  return copied
}

function isSimpleAttributeValue(value: unknown): boolean {
  return Array.isArray(value) ? isHomogeneous(value) : isPrimitive(typeof value)
}

function isHomogeneous(values: readonly unknown[]): boolean {
  let first: string | undefined
  for (const value of values) {
    if (value === undefined || value === null) continue
    const type = typeof value
    if (first ? type !== first : !isPrimitive(type)) return false
    first = type
  }
  return true
}

function isPrimitive(type: string): boolean {
  return type === 'number' || type === 'boolean' || type === 'string'
}

/** Since it was last asked. */
let cuts = 0

function cut(value: string | Uint8Array, limit: number): string | Uint8Array {
  if (value.length <= limit) return value
  cuts++
  return value.slice(0, limit)
}

const TRUNCATED = 'unplugin_otel.truncated_attributes'

/** How many values of a span are not whole, past the limit of how many attributes there may be. */
export function takeCuts(attributes: Values): void {
  if (cuts > 0) attributes[TRUNCATED] = ((attributes[TRUNCATED] as number | undefined) ?? 0) + cuts
  cuts = 0
}
