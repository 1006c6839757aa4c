/** CommonJS gets assignments at its end, what is installed at its start, and never an `import`. */
import type { MagicString } from 'magic-string'
import type { Comment } from 'oxc-parser'
import { imports, installCalls, registerCall, setupStatement, wrapCall, type Emission, type Wrap } from './emit.ts'
import { addHead, type ProgramLike } from './head.ts'

export function wrapCommonJs(
  magic: MagicString,
  code: string,
  program: ProgramLike,
  comments: readonly Comment[],
  wraps: readonly Wrap[],
  emission: Emission,
): void {
  const lines = imports(
    emission,
    wraps,
    (names, source) => `const { ${names.join(', ').replaceAll(' as ', ': ')} } = require('${source}')`,
  )
  lines.push(setupStatement(emission))
  const installs = installCalls(emission)
  if (installs.length > 0) addHead(magic, code, program, comments, [...lines.splice(0), ...installs])
  for (const wrap of wraps) {
    const { shape } = wrap
    if (shape.form === 'commonjs') lines.push(`${shape.target} = ${wrapCall(emission, wrap, shape.target)}`)
  }
  if (emission.register) lines.push(registerCall(emission, wraps))
  // A block of its own: nothing here can collide with the user's names.
  if (lines.length > 0) magic.append(`\n;{\n${lines.join('\n')}\n}\n`)
}
