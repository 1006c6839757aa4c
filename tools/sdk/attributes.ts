/** What the SDK takes as attributes and cuts to its limits, in fewer words. No limit is negative. */
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

/**
 * @param count how many `attributes` has
 * @param isSimple whether a value is a primitive or an array of such
 */
export function maybeAddAttribute(
  attributes: Values,
  key: string,
  value: unknown,
  count: number,
  limits: Limits,
  isSimple?: boolean,
): number {
  if (value === undefined) return IGNORED
  if (key.length === 0) return INVALID
  const isNew = !Object.hasOwn(attributes, key)
  if (isNew && count >= limits.attributeCountLimit) return OVER_LIMIT
  const before = cuts
  left = MAX_OBJECTS
  try {
    attributes[key] = copy(value, limits.attributeValueLengthLimit, isSimple)
    return isNew ? ADDED : OVERWRITTEN
  } catch {
    cuts = before
    diag.warn('invalid attribute', key)
    return INVALID
  }
}

export function cleanAttributes(given: unknown, limits: Limits, isSimple?: boolean) {
  if (typeof given !== 'object' || !given) return {}
  const attributes: Values = {}
  let count = 0
  let droppedAttributesCount = 0
  for (const key of Object.keys(given)) {
    let decision = INVALID
    try {
      decision = maybeAddAttribute(attributes, key, (given as Values)[key], count, limits, isSimple)
    } catch {
      // What throws when it is read.
    }
    if (decision === ADDED) count++
    else if (decision !== IGNORED) droppedAttributesCount++
  }
  return { attributes, droppedAttributesCount }
}

export function cleanSimpleAttributes(given: unknown, limits: Limits) {
  return cleanAttributes(given, limits, true)
}

/** More than that many objects in a value are a cycle, or too much for receivers. */
const MAX_OBJECTS = 1000
let left = 0

/** @throws for what is no value of an attribute */
function copy(value: unknown, limit: number, isSimple?: boolean): unknown {
  const type = typeof value
  if (type === 'number' || type === 'boolean') return value
  if (type === 'string' || (value instanceof Uint8Array && !isSimple)) return cut(value as string, limit)
  const copyItem = (item: unknown): unknown => (item === undefined ? item : copy(item, limit))
  if (Array.isArray(value) && left-- > 0 && !(isSimple && !isHomogeneous(value))) return value.map(copyItem)
  if (isSimple) throw value
  if (value === null) return value
  const { constructor } = value as object
  if (type !== 'object' || (constructor !== Object && constructor !== undefined) || left-- <= 0) throw value
  const copied: Values = {}
  for (const [key, item] of Object.entries(value as Values)) if (item !== undefined) copied[key] = copyItem(item)
  return copied
}

function isHomogeneous(values: readonly unknown[]): boolean {
  let first: string | undefined
  for (const value of values) {
    if (value === undefined || value === null) continue
    const type = typeof value
    if (first ? type !== first : !/^(number|boolean|string)$/.test(type)) return false
    first = type
  }
  return true
}

/** Since it was last asked. */
let cuts = 0

function cut(value: string | Uint8Array, limit: number): string | Uint8Array {
  // Without a limit it is not longer.
  if (!(value.length > limit)) return value
  cuts++
  return value.slice(0, limit)
}

const TRUNCATED = 'unplugin_otel.truncated_attributes'

/** How many values of a span are not whole, past the limit of how many attributes there may be. */
export function takeCuts(attributes: Values): void {
  if (cuts > 0) attributes[TRUNCATED] = ((attributes[TRUNCATED] as number | undefined) ?? 0) + cuts
  cuts = 0
}
