/** The end of the way "to the payload": the encoded body exists, and is counted. */
export interface Dropped {
  payloads: number
  bytes: number
}

export const dropped = ((globalThis as { benchDropped?: Dropped }).benchDropped ??= { payloads: 0, bytes: 0 })

export function drop(payload: Uint8Array): void {
  dropped.payloads++
  dropped.bytes += payload.length
}
