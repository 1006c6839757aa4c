interface Globals {
  readonly process?: { readonly versions?: { readonly node?: string } }
}

/** Others that have its names say who they are. */
export function isNode(): boolean {
  const isOther = ['Deno', 'EdgeRuntime', 'WebSocketPair'].some((name) => name in globalThis)
  return !isOther && (globalThis as Globals).process?.versions?.node !== undefined
}
