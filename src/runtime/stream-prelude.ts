/**
 * The head of what a function on Lambda streams, if it has one.
 * https://docs.aws.amazon.com/lambda/latest/dg/response-streaming-tutorial.html
 */
import type { OnHead } from './answer-heads.ts'
import { changeHead } from './lambda-result.ts'
import { quietly } from './quietly.ts'

interface ResponseStreams {
  from(stream: object, prelude: unknown): unknown
}

const observed = new WeakMap<object, OnHead>()
let isPatched = false

/** The client writes the head where the handler calls `from`: a global, and a copy of this is a layer around the other. */
export function observePrelude(stream: object, onHead: OnHead): void {
  observed.set(stream, onHead)
  const { HttpResponseStream: streams } =
    (globalThis as { awslambda?: { HttpResponseStream?: ResponseStreams } }).awslambda ?? {}
  if (isPatched || !streams) return
  isPatched = true
  streams.from = new Proxy(streams.from, {
    apply(target, self, [stream, prelude, ...rest]) {
      const known = observed.get(stream)
      const changed = known && quietly(() => changeHead(prelude, undefined, known, true))
      return Reflect.apply(target, self, [stream, changed ?? prelude, ...rest])
    },
  })
}
