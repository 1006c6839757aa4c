/** When the first byte of a body is given away that is answered bit by bit. */
import type { Invocation } from '../contract.ts'
import { quietly } from './quietly.ts'

/** In seconds, from the beginning of the invocation. */
export function noteFirstByte({ began, root }: Invocation): void {
  quietly(() => root.setAttribute('unplugin_otel.time_to_first_byte', (Date.now() - began) / 1000))
}

type Method = (...args: unknown[]) => unknown

/**
 * Notes the first call of one of the methods that has a byte. Each is an own property of the stream until then, and
 * afterwards what it was.
 * @returns makes them what they were where there was no such call
 */
export function observeFirstByte<Name extends string>(
  stream: Partial<Record<Name, Method>>,
  names: readonly Name[],
  invocation: Invocation,
): () => void {
  let isFirst = true
  const restores = names.map((name) => {
    const original = stream[name]!
    const observed: Method = function (this: unknown, ...args) {
      const result = original.apply(this, args)
      // A string or bytes, and not empty: `end` takes a callback in its place.
      if ((args[0] as string | undefined)?.at?.(0) !== undefined && isFirst) {
        isFirst = false
        restore()
        noteFirstByte(invocation)
      }
      return result
    }
    stream[name] = observed
    return () => {
      // Somebody else may have put theirs over it.
      if (stream[name] !== observed) return
      delete stream[name]
      // The runtime client's are own ones.
      if (stream[name] !== original) stream[name] = original
    }
  })
  const restore = () => restores.forEach((each) => each())
  return restore
}
