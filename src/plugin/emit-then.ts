/**
 * How a module makes the runtime client wait for the registration of the extension when nobody knows whether
 * the output will be an ES module, which could await it, or CommonJS, which would not build then. The client
 * awaits `import()` of either, and waits for a namespace with `then`: so `then` is exported, is a function while
 * a registration is pending, and undefined at all other times.
 */
import type { Exports } from './handlers.ts'
import type { Note } from './report/notes.ts'

/** @returns why it cannot be exported, and nobody waits for a registration */
export function whyNoThen({ values, isCommonJs }: Exports): Note | undefined {
  const fact = 'callers wait for the flush, because'
  if (isCommonJs) return { fact: `${fact} the handler is CommonJS`, remedy: 'Write it as an ES module.' }
  const isTaken = values.some(({ name }) => name === 'then')
  return isTaken ? { fact: `${fact} the module has an export 'then'`, remedy: 'Rename it.' } : undefined
}

/** @param file the module's own, as it would import itself */
export function thenStatements(prefix: string, file: string): string[] {
  const then = `${prefix}_then`
  // `sst dev` has no extensions and an address with a path: a registration that fails is over, too.
  // Resolved with the module as it sees itself: in CommonJS output the namespace keeps what `then` was at first.
  return [
    `import * as ${then}_self from ${JSON.stringify(`./${file}`)}`,
    `const ${then}_pending = globalThis[Symbol.for('unplugin-otel.v1')]?.registration`,
    `let ${then} = ${then}_pending && ((resolve) => {
  const done = () => resolve((${then} = undefined, ${then}_self))
  ${then}_pending.then(done, done)
})`,
    `export { ${then} as then }`,
  ]
}
