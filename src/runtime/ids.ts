/**
 * Ids from random bytes of the platform, drawn when a span starts and never before an invocation: an id that was
 * prepared before a snapshot would be the same in every clone. The SDK's generator is `Math.random`.
 */
import type { IdGenerator } from '@opentelemetry/sdk-trace'
import { quietly } from './quietly.ts'

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
    const id = quietly(() => random(bytes))
    // All zeros is the one invalid id (https://www.w3.org/TR/trace-context/#trace-id): nothing random is left.
    return id && /[^0]/.test(id) ? id : toHex(Uint8Array.from({ length: bytes }, weak), 0, bytes)
  }
  return { generateTraceId: () => generate(16), generateSpanId: () => generate(8) }
}

/** From 1 to 255. */
function weak(): number {
  return 1 + Math.random() * 255
}
