'use strict'
/**
 * Azure's language worker as its library sees it, in a process: the module `@azure/functions-core`, functions, hooks and
 * invocations in the worker's order. What is said to it comes over IPC instead of gRPC.
 * https://github.com/Azure/azure-functions-nodejs-worker
 */
const Module = require('node:module')
const path = require('node:path')
const { pathToFileURL } = require('node:url')

const hooks = {}
const functions = new Map()
let programmingModel
const core = {
  registerHook(name, callback) {
    ;(hooks[name] ??= []).push(callback)
    return { dispose: () => void hooks[name].splice(hooks[name].indexOf(callback), 1) }
  },
  registerFunction(metadata, callback) {
    functions.set(metadata.name, { metadata, callback })
    return { dispose: () => void functions.delete(metadata.name) }
  },
  setProgrammingModel: (model) => void (programmingModel = model),
  getProgrammingModel: () => programmingModel,
  log() {},
}
const load = Module._load
Module._load = (request, ...rest) => (request === '@azure/functions-core' ? core : load(request, ...rest))

async function runHooks(name, context) {
  for (const callback of hooks[name] ?? []) await callback(context)
}

const commands = {
  async load({ file }) {
    if (file) await (file.endsWith('.mjs') ? import(pathToFileURL(file).href) : require(file))
    // Who registers nothing is of the older model, which the worker brings itself.
    if (!programmingModel) require(path.join(process.env.NODE_PATH, 'azure-functions-3')).setup()
    const capabilities = (await programmingModel.getCapabilities?.({})) ?? {}
    await runHooks('appStart', { hookData: {}, appHookData: {} })
    return { capabilities, functions: [...functions.keys()], hooks: hooks.preInvocation?.length ?? 0 }
  },
  async loadLegacy({ file, metadata }) {
    const loaded = file.endsWith('.mjs') ? await import(pathToFileURL(file).href) : require(file)
    const found = typeof loaded === 'function' ? loaded : (loaded.run ?? loaded.index ?? loaded.default)
    functions.set(metadata.name, { metadata, callback: found.bind(loaded) })
  },
  async invoke({ name, data, ...given }) {
    const { metadata, callback } = functions.get(name)
    const [trigger] = Object.entries(metadata.bindings).find(([, { type }]) => /trigger$/i.test(type))
    const request = { ...given, inputData: [{ name: trigger, data }] }
    const { invocationId } = request
    const coreContext = { invocationId, metadata, request, log() {}, state: undefined }
    const model = programmingModel.getInvocationModel(coreContext)
    const { context, inputs } = await model.getArguments()
    const before = { hookData: {}, appHookData: {}, functionCallback: callback, invocationContext: context, inputs }
    coreContext.state = 'preInvocationHooks'
    await runHooks('preInvocation', before)
    coreContext.state = 'invocation'
    const after = { hookData: before.hookData, appHookData: {}, invocationContext: context, inputs: before.inputs }
    Object.assign(after, { result: null, error: null })
    try {
      after.result = await model.invokeFunction(context, before.inputs, before.functionCallback)
    } catch (error) {
      after.error = error
    }
    coreContext.state = 'postInvocationHooks'
    await runHooks('postInvocation', after)
    if (after.error instanceof Error) throw after.error
    return model.getResponse(context, after.result)
  },
  async terminate() {
    await runHooks('appTerminate', { hookData: {}, appHookData: {} })
    process.exit(0)
  },
}

/** Bodies, which are bytes in the worker's protocol. */
function withText(key, value) {
  return key === 'bytes' ? Buffer.from(this[key]).toString() : value
}

process.on('message', ({ id, command, ...options }) => {
  commands[command](options).then(
    (value) => process.send({ id, value: JSON.parse(JSON.stringify(value ?? null, withText)) }),
    (error) => process.send({ id, error: String(error) }),
  )
})
