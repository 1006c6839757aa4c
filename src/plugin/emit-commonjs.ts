/** CommonJS gets assignments at its end and never an `import`. */
import type { MagicString } from 'magic-string'
import { imports, registerCall, setupStatement, wrapCall, type Emission, type Wrap } from './emit.ts'

export function wrapCommonJs(magic: MagicString, wraps: readonly Wrap[], emission: Emission): void {
  const lines = imports(
    emission,
    wraps,
    (names, source) => `const { ${names.join(', ').replaceAll(' as ', ': ')} } = require('${source}')`,
  )
  lines.push(setupStatement(emission))
  for (const wrap of wraps) {
    const { shape } = wrap
    if (shape.form === 'commonjs') lines.push(`${shape.target} = ${wrapCall(emission, wrap, shape.target)}`)
  }
  if (emission.register) lines.push(registerCall(emission, wraps))
  // A block of its own: nothing here can collide with the user's names.
  magic.append(`\n;{\n${lines.join('\n')}\n}\n`)
}
