/**
 * Ids from random bytes of the platform, drawn when a span starts and never before an invocation: an id that was
 * prepared before a snapshot would be the same in every clone. The SDK's generator is `Math.random`.
 */
import type { IdGenerator } from '@opentelemetry/sdk-trace'

const HEX = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** So many random bytes, as hexadecimal digits. */
export type Random = (bytes: number) => string

export const webCrypto: Random = (bytes) => toHex(crypto.getRandomValues(new Uint8Array(bytes)), 0, bytes)

export function toHex(bytes: Uint8Array, from: number, to: number): string {
  let hex = ''
  for (let at = from; at < to; at++) hex += HEX[bytes[at]!]
  return hex
}

export function createIdGenerator(random: Random): IdGenerator {
  function generate(bytes: number): string {
    // All zeros is the one invalid id: https://www.w3.org/TR/trace-context/#trace-id
    return random(bytes).replace(/^0+$/, (zeros) => `1${zeros.slice(1)}`)
  }
  return { generateTraceId: () => generate(16), generateSpanId: () => generate(8) }
}
