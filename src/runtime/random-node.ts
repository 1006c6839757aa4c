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
let drawnAt = 0
let drawing = false

export const kernel: Random = (bytes) => {
  // What is left over is in a snapshot of the process, and would be the same in all that are made of it. So it is for
  // this millisecond only, because an invocation that never ended may be in it as well; and while none is active it is
  // for nobody, whatever a restored clock shows: a root draws anew for its span id, which the SDK asks for right before
  // its trace id.
  const now = Date.now()
  if (next + bytes > drawn.length || now !== drawnAt || (bytes === SPAN_ID_BYTES && slot.active.size === 0)) {
    next = drawn.length
    if (!draw()) return webCrypto(bytes)
    next = 0
    drawnAt = now
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
