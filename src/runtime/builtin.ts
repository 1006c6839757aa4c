/**
 * Node's built-ins, from `process.getBuiltinModule`: `import 'node:http'` costs 20 ms at load, this 2.4,
 * and nothing where the host has loaded it already. No import appears in the bundle.
 */
declare const process: { getBuiltinModule?: (id: string) => unknown }

/** Undefined on a Node without `getBuiltinModule` (before 20.16). */
export function builtin<T>(id: string): T | undefined {
  return process.getBuiltinModule?.(id) as T | undefined
}
