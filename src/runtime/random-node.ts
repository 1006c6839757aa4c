/**
 * Random bytes on Node, from the kernel and for several spans at once: Web Crypto takes 5 ms to load, which the
 * first response waits for, and then 3 µs a span.
 */
import { builtin } from './builtin.ts'
import { toHex, webCrypto, type Random } from './ids.ts'
import { slot } from './slot.ts'

interface Fs {
  openSync(path: string): number
  readSync(file: number, bytes: Uint8Array): number
  closeSync(file: number): void
}

/** For fifteen spans. */
const drawn = /* @__PURE__ */ new Uint8Array(128)
const SPAN_ID_BYTES = 8

let next = drawn.length
let drawing = false

export const kernel: Random = (bytes) => {
  // What is left over is not for the next invocation, nor for a snapshot in between: a span without an invocation
  // draws anew. So does a root, for its span id, which the SDK asks for right before its trace id.
  if (next + bytes > drawn.length || (bytes === SPAN_ID_BYTES && slot.active.size === 0)) {
    next = drawn.length
    if (!draw()) return webCrypto(bytes)
    next = 0
  }
  return toHex(drawn, next, (next += bytes))
}

/** False: Windows, a sandbox without devices, or somebody who traces `fs` and asks for an id meanwhile. */
function draw(): boolean {
  if (drawing) return false
  drawing = true
  try {
    const fs = builtin<Fs>('node:fs')!
    // Not kept open: a file descriptor that the user closes by mistake would be another file's.
    const file = fs.openSync('/dev/urandom')
    try {
      return fs.readSync(file, drawn) === drawn.length
    } finally {
      fs.closeSync(file)
    }
  } catch {
    return false
  } finally {
    drawing = false
  }
}
