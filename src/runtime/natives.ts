/**
 * Globals that a function's own code, or a library of it, may replace: fake timers, a frozen clock, a promise library.
 * What we need later is taken when this module is loaded. `tools/captured.ts` makes each use of them, in ours and in the
 * compiled-in SDK, an import of this module.
 */
/** Where there is none, what asks for the time fails, and not the module. */
export const { Date: NativeDate = Object as never } = globalThis
export const now: () => number = NativeDate.now
export const { stringify, parse } = JSON
/** By other names, because what is put before a bundle as it is means the globals. The last one is not everywhere. */
export const {
  setTimeout: startTimer,
  clearTimeout: stopTimer,
  setImmediate: inNextTurn,
} = globalThis as typeof globalThis & { setImmediate: (run: () => void) => void }

/** That of the language, whatever the global is by now. */
export const NativePromise = /* @__PURE__ */ (async () => {})().constructor as PromiseConstructor
export const resolve = /* @__PURE__ */ NativePromise.resolve.bind(NativePromise)

/**
 * `promise.then(…)`, which the promise does not notice. By another name, because what a module exports as `then` makes
 * it thenable.
 */
export async function whenSettled<T>(
  promise: Promise<T>,
  fulfilled?: ((value: T) => unknown) | undefined,
  rejected?: (error: unknown) => unknown,
): Promise<unknown> {
  let value: T
  try {
    value = await promise
  } catch (error) {
    if (rejected) return await rejected(error)
    throw error
  }
  return fulfilled ? await fulfilled(value) : value
}
