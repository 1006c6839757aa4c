/**
 * Required before `next start`. What hosts Next gives it, as far as that is documented: a request context with
 * `waitUntil`, and an environment that is gone as soon as the answer and everything handed to `waitUntil` are done.
 * https://vercel.com/docs/functions/functions-api-reference/vercel-functions-package#waituntil
 *
 * `NEXT_LAUNCHER`: `waitUntil`, or `none` for a host that has no such thing. `NEXT_EVICT`: the path of the request
 * after which the process is killed, as early as the host may.
 */
const { AsyncLocalStorage } = require('node:async_hooks')
const { Server } = require('node:http')

const { NEXT_LAUNCHER, NEXT_EVICT } = process.env
const contexts = new AsyncLocalStorage()
if (NEXT_LAUNCHER === 'waitUntil') {
  const provider = { get: () => contexts.getStore() }
  // Of `@vercel/functions`, and of Next: https://nextjs.org/docs/app/guides/after-for-platforms
  for (const name of ['@vercel/request-context', '@next/request-context']) globalThis[Symbol.for(name)] = provider
}

const { emit } = Server.prototype
Server.prototype.emit = function (event, request, response) {
  if (event !== 'request') return Reflect.apply(emit, this, arguments)
  const works = []
  const evicts = request.url.split('?')[0] === NEXT_EVICT
  response.once('close', async () => {
    for (const work of works) await Promise.resolve(work).catch(() => {})
    if (evicts) process.kill(process.pid, 'SIGKILL')
  })
  const context = { headers: request.headers, waitUntil: (work) => void works.push(work) }
  return contexts.run(context, () => Reflect.apply(emit, this, arguments))
}
