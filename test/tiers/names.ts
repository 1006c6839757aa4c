/** esbuild leaves a decorated default class without its name, `default`, if nothing is wrapped. */
const DECORATED = /^(decorators|utilities)\.ts$/

/** Functions have the names of the source in esbuild's output only (`keepNames`): others rename them to make room. */
function withoutNames(described: unknown): unknown {
  const text = JSON.stringify(described, (key, value) => {
    if (key === 'name') return undefined
    return typeof value === 'string' ? value.replace(/function [\w$]+/g, 'function') : value
  })
  return JSON.parse(text)
}

/** What a caller sees of each fixture, as far as a bundler keeps it. */
export function comparable(bundler: string, described: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(described).map(([fixture, each]) =>
      bundler === 'esbuild' && !DECORATED.test(fixture) ? [fixture, each] : [fixture, withoutNames(each)],
    ),
  )
}
