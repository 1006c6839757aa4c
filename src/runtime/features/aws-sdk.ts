/** Calls of AWS services by version 3 of its SDK: a span for each, and the trace's context in the services' own fields. */
import { createMiddleware, type ClientConfig, type Middleware } from '../outgoing/aws-call.ts'
import { createCarry } from '../outgoing/aws-carriers.ts'
import { findClients } from '../outgoing/aws-clients.ts'
import { whenTracing } from '../outgoing/when-tracing.ts'
import type { Setup } from '../provider.ts'
import { quietly } from '../quietly.ts'
import { slot } from '../slot.ts'

/** https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/client.ts */
interface Client {
  readonly config: ClientConfig
  readonly middlewareStack: { add(middleware: Middleware, options: object): void }
  /** Of commands, with the middlewares that there were. */
  handlers?: unknown
}

/** @param except the source of a regular expression for hosts that get no context */
export function traceAwsSdk(setup: Setup, { except }: { readonly except: string }): Setup {
  return whenTracing(setup, () => install(new RegExp(except, 'i')))
}

function install(except: RegExp): void {
  const own = (slot.outgoing ??= new Set())
  // Another copy of ours.
  if (own.has('aws-sdk')) return
  own.add('aws-sdk')
  const carry = createCarry(except)
  const clients = new WeakSet<Client>()
  // While it is, handlers are composed: who signs a URL has the same middlewares, and sends nothing.
  let isSending = false
  const add = (client: Client) => {
    if (clients.has(client)) return
    clients.add(client)
    const trace = createMiddleware(client.config, carry)
    // Of two clients that share a stack, it is the same.
    const options = { name: 'unpluginOtel', step: 'initialize', priority: 'high', override: true }
    client.middlewareStack.add((next, command) => (isSending ? trace(next, command) : next), options)
    delete client.handlers
  }
  findClients(({ prototype }) => {
    const { send } = prototype
    if (typeof send !== 'function' || slot.wrappers.has(send)) return
    prototype.send = new Proxy(send, {
      apply(target, self, args) {
        // A client may be older than this, so it gets its middleware with the first command.
        quietly(() => add(self as Client))
        const before = isSending
        isSending = true
        try {
          return Reflect.apply(target, self, args)
        } finally {
          isSending = before
        }
      },
    })
    slot.wrappers.set(prototype.send, send)
  })
}
