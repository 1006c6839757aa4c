/** Functions have the names of the source in esbuild's output only (`keepNames`): others rename them to make room. */
export function withoutNames(described: unknown): unknown {
  const text = JSON.stringify(described, (key, value) => {
    if (key === 'name') return undefined
    return typeof value === 'string' ? value.replace(/function [\w$]+/g, 'function') : value
  })
  return JSON.parse(text)
}
