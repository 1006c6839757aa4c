/** Times as spans have them: seconds since 1970, and nanoseconds. */
import type { HrTime, TimeInput } from '@opentelemetry/api'

export const SECOND = 1e9

export function toHrTime(ms: number): HrTime {
  return [Math.trunc(ms / 1000), Math.round((ms % 1000) * 1e6)]
}

export function add([seconds, nanoseconds]: HrTime, [moreSeconds, moreNanoseconds]: HrTime): HrTime {
  const sum = nanoseconds + moreNanoseconds
  return sum < SECOND ? [seconds + moreSeconds, sum] : [seconds + moreSeconds + 1, sum - SECOND]
}

/** 64 bits of nanoseconds hold it, from 1970 on. */
export function isHrTime(time: unknown): time is HrTime {
  return Array.isArray(time) && time.length === 2 && time[0] >= 0 && time.every((part) => Math.abs(part) < 1e10)
}

export function isTime(time: unknown): time is TimeInput {
  return isHrTime(time) || typeof time === 'number' || time instanceof Date
}
