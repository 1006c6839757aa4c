/**
 * What a function's own code may put in the place of a global is taken when our module is loaded: each use of it, in
 * ours and in the compiled-in SDK, becomes an import of `src/runtime/natives.ts`.
 */
import path from 'node:path'
import { MagicString } from 'magic-string'
import { parseSync, Visitor } from 'oxc-parser'
import { transformSync } from 'rolldown/utils'

const RUNTIME = path.join(import.meta.dirname, '../src/runtime/')
const NATIVES = `${RUNTIME}natives.ts`

/** Global, or member of one → its name in `natives.ts`. */
const CAPTURED: Readonly<Record<string, string>> = {
  Date: 'NativeDate',
  'Date.now': 'now',
  'JSON.parse': 'parse',
  'JSON.stringify': 'stringify',
  Promise: 'NativePromise',
  'Promise.resolve': 'resolve',
  __then: 'whenSettled',
  clearTimeout: 'stopTimer',
  setTimeout: 'startTimer',
}
const inject = Object.fromEntries(
  Object.entries(CAPTURED).map(([global, name]) => [global, [NATIVES, name] as [string, string]]),
)

/** A plugin for Rolldown, whose own option for it takes types for values. */
export function captureNatives() {
  return {
    name: 'capture-natives',
    transform(code: string, id: string) {
      const file = path.normalize(id)
      if (/\.d\.\w*ts$/.test(file) || file === NATIVES) return undefined
      const text = file.startsWith(RUNTIME) ? callThen(code, file) : code
      return { code: transformSync(id, text, { inject, target: 'es2022' }).code, moduleType: 'js' as const, map: null }
    },
  }
}

/** `promise.then(a, b)` → `__then(promise, a, b)`, `promise.catch(a)` → `__then(promise, undefined, a)`. */
function callThen(code: string, file: string): string {
  const text = new MagicString(code)
  new Visitor({
    CallExpression({ callee }) {
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      const { name } = callee.property
      if (name !== 'then' && name !== 'catch') return
      const open = code.indexOf('(', callee.end)
      if (callee.optional) throw new Error(`${file}: \`?.${name}\` is not captured`)
      text.appendRight(callee.start, '__then(')
      text.overwrite(callee.object.end, open + 1, name === 'then' ? ', ' : ', undefined, ')
    },
  }).visit(parseSync(file, code).program)
  return text.toString()
}
