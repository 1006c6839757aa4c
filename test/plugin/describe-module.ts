/** All that a caller can see of a module, before and after the transform, or with and without the plugin. */

/** Looks twice, because the bindings of a module are live. */
export async function describeModule(
  exports: Readonly<Record<string, unknown>>,
  outcomeOf: (value: unknown, name: string) => Promise<unknown>,
): Promise<unknown> {
  const names = Object.keys(exports).toSorted()
  const look = () => names.map((name) => [name, show(exports[name])])
  const seen: unknown[] = [look()]
  for (const name of names) seen.push([name, await outcomeOf(exports[name], name)])
  return [...seen, look()]
}

function show(value: unknown): unknown {
  if (typeof value !== 'function') return `${typeof value} ${JSON.stringify(value)}`
  const { name, length } = value
  const keys: string[] = []
  // Those of the classes above, too, because the wrapper of a class is a subclass.
  for (const key in value) keys.push(key)
  const symbols = new Set<symbol>()
  for (let at = value; at !== null; at = Object.getPrototypeOf(at)) {
    for (const symbol of Object.getOwnPropertySymbols(at)) symbols.add(symbol)
  }
  // By it the instances of a class are those of its wrapper, too.
  symbols.delete(Symbol.hasInstance)
  return {
    name,
    length,
    symbols: Array.from(symbols, String),
    prototype: Object.getPrototypeOf(value).constructor.name,
    keys,
  }
}

/** A function that is all that a module exports is its default export, and may have others. */
export function named(exports: unknown): Record<string, unknown> {
  return typeof exports === 'function' ? { ...exports, default: exports } : (exports as Record<string, unknown>)
}

export function isClass(value: unknown): boolean {
  return typeof value === 'function' && /^class\b/.test(String(value))
}

/** What it gives, or throws. */
export async function settle(call: () => unknown, showError: (error: unknown) => string = String): Promise<unknown> {
  try {
    const result = await call()
    if (result instanceof Response) return [result.status, [...result.headers], await result.text()]
    return JSON.stringify(isIterator(result) ? await collect(result) : result, (_, part) =>
      typeof part === 'function' ? `function ${part.name}` : part,
    )
  } catch (error) {
    return showError(error)
  }
}

function isIterator(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as { next?: unknown } | undefined)?.next === 'function'
}

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const value of values) all.push(value)
  return all
}
