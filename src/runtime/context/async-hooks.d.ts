/** The part of `node:async_hooks` that workerd, Deno, Bun and Node share; `types: []` keeps Node's own out. */
declare module 'node:async_hooks' {
  export class AsyncLocalStorage<T> {
    getStore(): T | undefined
    run<R>(store: T, run: () => R): R
  }
}
