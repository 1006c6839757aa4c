/** A process that stays while what it has loaded is built again: it loads that anew, calls it, and tells what it is left with. */
const http = require('node:http')
const https = require('node:https')
const { pathToFileURL } = require('node:url')

const API = Symbol.for('opentelemetry.js.api.1')
const SLOT = Symbol.for('unplugin-otel.v1')

/** What instrumentation patches in other products. */
const patched = () => [
  globalThis.fetch,
  globalThis.addEventListener,
  http.request,
  https.request,
  http.Server.prototype.emit,
  process.exit,
  process.emit,
]
const original = patched()
const providers = new Set()
const loaded = []
let n = 0

async function load(file) {
  if (!file.endsWith('.cjs')) return import(`${pathToFileURL(file).href}?${n++}`)
  for (const id of Object.keys(require.cache)) delete require.cache[id]
  module.children.length = 0
  const exported = require(file)
  loaded.push(new WeakRef(exported))
  return exported
}

/** Loads the file and calls an export of it. */
async function invoke({ file, name }) {
  const exported = await load(file)
  const value = await exported[name]?.({ n: 0 }, {})
  const provider = globalThis[API]?.trace
  if (provider) providers.add(provider)
  return { value, names: Object.keys(exported) }
}

/** After what is collectable was collected, and sockets and timers of one turn are gone. */
async function state() {
  for (let i = 0; i < 5; i++) {
    await new Promise(setImmediate)
    globalThis.gc()
  }
  const slot = globalThis[SLOT]
  const now = patched()
  return {
    listeners: Object.fromEntries(process.eventNames().map((name) => [String(name), process.listenerCount(name)])),
    resources: process.getActiveResourcesInfo().toSorted(),
    slot: slot && {
      keys: Object.keys(slot).toSorted(),
      active: slot.active.size,
      orphans: slot.orphans.length,
      retained: slot.retained.length,
    },
    symbols: Object.getOwnPropertySymbols(globalThis).length,
    providers: providers.size,
    isPatched: now.some((each, i) => each !== original[i]),
    alive: loaded.filter((reference) => reference.deref()).length,
  }
}

process.on('message', (command) => {
  const run = command.state ? state() : invoke(command)
  run.then(
    (result) => process.send({ result }),
    (error) => process.send({ error: error.stack }),
  )
})
