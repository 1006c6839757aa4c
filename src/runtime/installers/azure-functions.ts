/**
 * `@azure/functions`: what is registered with `app` runs through its hooks, in which a handler may be replaced.
 * https://learn.microsoft.com/azure/azure-functions/functions-reference-node#hooks
 */
import * as functions from '@azure/functions'
import { flush } from '../manual/flush.ts'
import { createInstaller } from '../installer.ts'
import { onInvocation } from '../platforms/azure-functions.ts'
import { quietly } from '../quietly.ts'

const { install, wrap } = createInstaller()
export { install }

/** A handler is the same function in every invocation. */
const wrappers = new WeakMap<object, unknown>()

// Older ones have none: their functions are exports.
const { app } = functions as Partial<typeof functions>
quietly(() => {
  if (typeof app?.hook?.preInvocation !== 'function') return
  app.hook.preInvocation((context) =>
    // A hook that throws, at what another one has put there, ends the invocation.
    quietly(() => {
      const { functionHandler: handler, invocationContext } = context
      const name = handler.name || invocationContext.functionName
      const wrapper = wrappers.get(handler) ?? wrap(onInvocation, handler, name)
      wrappers.set(handler, wrapper)
      context.functionHandler = wrapper as typeof handler
    }),
  )
  app.hook.appTerminate(() => flush())
})
