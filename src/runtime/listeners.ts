/** What listens to a request of Node's `http.Server`, as one invocation. */
import type { Call } from '../contract.ts'
import { invoke } from './instrument.ts'
import { onRequest, type Thrown } from './platforms/node-server.ts'
import type { Setup } from './provider.ts'

/** Gives what `listen` returns, and throws what it throws, at once, as without us. */
export function callListeners<T>(call: Call, listen: () => T, setup: Setup): T {
  let returned: T
  let thrown: Thrown | undefined
  const handle = () => {
    try {
      returned = listen()
    } catch (error) {
      thrown = { error }
    }
    return thrown
  }
  invoke(onRequest as never, handle, call, setup)
  if (thrown) throw (thrown as Thrown).error
  return returned!
}
