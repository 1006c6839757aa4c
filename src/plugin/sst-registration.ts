/**
 * How a module makes the runtime client wait for the registration of the extension when nobody knows whether
 * the output will be an ES module, which could await it, or CommonJS, which would not build then. The client
 * awaits `import()` of either, and waits for a namespace with `then`: so `then` is exported, is a function while
 * a registration is pending, and undefined at all other times.
 */
import { parseSync } from 'oxc-parser'
import { basename } from 'pathe'
import { choosePrefix } from './emit.ts'
import type { Report } from './report.ts'

/** The line that starts it; the user's code has no such name. */
const REGISTER = /^__otel\d*_register\(.*\)$/m

/** @param code a module that the pipeline has transformed */
export function exportRegistration(code: string, file: string, report: Pick<Report, 'note'>): string {
  if (!REGISTER.test(code)) return code
  const { module } = parseSync(file, code, /\.[cm]?js$/.test(file) ? { lang: 'jsx' } : {})
  if (!module.hasModuleSyntax) {
    report.note('callers wait for the flush, because the handler is CommonJS: write it as an ES module')
    return code.replace(REGISTER, '')
  }
  const names = module.staticExports.flatMap(({ entries }) => entries.map(({ exportName }) => exportName.name))
  if (names.includes('then')) {
    report.note("callers wait for the flush, because the module has an export 'then': rename it")
    return code.replace(REGISTER, '')
  }
  const then = `${choosePrefix(code)}_then`
  // `sst dev` has no extensions and an address with a path: a registration that fails is over, too.
  // Resolved with the module as it sees itself: in CommonJS output the namespace keeps what `then` was at first.
  return `${code}
;import * as ${then}_self from ${JSON.stringify(`./${basename(file)}`)}
const ${then}_pending = globalThis[Symbol.for('unplugin-otel.v1')]?.registration
let ${then} = ${then}_pending && ((resolve) => {
  const done = () => resolve((${then} = undefined, ${then}_self))
  ${then}_pending.then(done, done)
})
export { ${then} as then }
`
}
