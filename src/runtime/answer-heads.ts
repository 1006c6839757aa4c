/**
 * The head of an answer to a request over HTTP, at the last moment before it is given: of a `Response`, of what a
 * function on Lambda returns or streams, of Node's `response`. What the user's code made is never changed.
 */
import type { Call, Invocation } from '../contract.ts'
import { aroundKinds } from './around.ts'
import { changeHead } from './lambda-result.ts'
import { isNodeResponse } from './node-http.ts'
import { observeNodeHead } from './node-head.ts'
import type { Setup } from './provider.ts'
import { quietly } from './quietly.ts'
import { observePrelude } from './stream-prelude.ts'
import { isThenable } from './thenable.ts'

/** By lower-case names. */
export interface Head {
  get(name: string): string | readonly string[] | undefined
  set(name: string, value: string): void
}
export type OnHead = (head: Head) => void

/** What Next's middleware tells Next, which is no answer. https://nextjs.org/docs/app/api-reference/functions/next-response */
const ROUTING = ['x-middleware-next', 'x-middleware-rewrite']

interface Answering {
  respondWith?(answer: unknown): void
}

/** @param onHead called once an answer; not of what a handler answers another one that calls it */
export function aroundHeads(setup: Setup, onHead: (head: Head, invocation: Invocation) => void): Setup {
  return aroundKinds(setup, (kind) => {
    const calls = new WeakSet<Call>()
    return {
      ...kind,
      start(call, outer) {
        const start = kind.start(call, outer)
        const isHttp = start?.attributes['http.request.method'] ?? isNodeResponse(call.args[1])
        if (start && isHttp && (!outer || outer.adopted) && !isDurableObject(call)) calls.add(call)
        return start
      },
      enter(call, invocation) {
        const args = kind.enter?.(call, invocation) ?? call.args
        if (!calls.has(call)) return args
        return quietly(() => observe(args, (head) => onHead(head, invocation))) ?? args
      },
      leave(end, call, invocation) {
        const told = kind.leave?.(end, call, invocation) ?? undefined
        if ('error' in end || !calls.has(call)) return told
        const given = told && Object.hasOwn(told, 'value') ? told.value : end.value
        const value = change(given, call.args[0], (head) => onHead(head, invocation))
        return value === undefined ? told : { ...told, value }
      },
    }
  })
}

/** It answers a Worker, which answers the client. */
function isDurableObject({ scope }: Call): boolean {
  return (scope?.[0] as { storage?: unknown } | undefined)?.storage !== undefined
}

/** Answers that are given by a call. */
function observe(args: readonly unknown[], onHead: OnHead): readonly unknown[] {
  const [event, second, third, ...rest] = args
  // Asked for what it has, because Next notices what is read of a request.
  const { respondWith } = ('respondWith' in Object(event) ? event : {}) as Answering
  if (isNodeResponse(second)) observeNodeHead(second, onHead)
  else if (typeof respondWith === 'function') {
    const to = (answer: unknown) => change(answer, event, onHead) ?? answer
    ;(event as Answering).respondWith = (answer) =>
      respondWith.call(event, isThenable(answer) ? Promise.resolve(answer).then(to) : to(answer))
  } else if (typeof (second as { write?: unknown } | undefined)?.write === 'function') observePrelude(second!, onHead)
  else if (typeof third === 'function') {
    const callback = (error: unknown, result: unknown, ...more: unknown[]): unknown =>
      third(error, change(result, event, onHead) ?? result, ...more)
    return [event, second, callback, ...rest]
  }
  return args
}

/** Undefined: it stays as it is. */
function change(answer: unknown, event: unknown, onHead: OnHead): unknown {
  return quietly(() => (isResponse(answer) ? changeResponse(answer, onHead) : changeHead(answer, event, onHead)))
}

function isResponse(value: unknown): value is Response {
  return typeof Response === 'function' && value instanceof Response
}

/** https://developers.cloudflare.com/workers/examples/alter-headers/: those of what `fetch` gave cannot be changed. */
function changeResponse(response: Response, onHead: OnHead): Response | undefined {
  const { status, headers, body, bodyUsed } = response
  let changed: Response | undefined
  onHead({
    get: (name) => headers.get(name) ?? undefined,
    set(name, value) {
      const { webSocket } = response as { webSocket?: unknown }
      // A body that was read from is for the platform to refuse.
      if (status < 200 || webSocket || bodyUsed || body?.locked || ROUTING.some((each) => headers.has(each))) return
      changed = new Response(body, response)
      changed.headers.set(name, value)
    },
  })
  return changed
}
