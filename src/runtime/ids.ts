/**
 * Ids from `crypto`, drawn when a span starts and never ahead: an id that was prepared before a
 * snapshot would be the same in every clone. The SDK's generator is `Math.random`.
 */
import type { IdGenerator } from '@opentelemetry/sdk-trace'

const HEX = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function randomHex(bytes: number): string {
  let id = ''
  for (const byte of crypto.getRandomValues(new Uint8Array(bytes))) id += HEX[byte]
  // All zeros is the one invalid id (https://www.w3.org/TR/trace-context/#trace-id).
  return /[^0]/.test(id) ? id : randomHex(bytes)
}

export const idGenerator: IdGenerator = {
  generateTraceId: () => randomHex(16),
  generateSpanId: () => randomHex(8),
}
