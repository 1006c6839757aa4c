/** CommonJS gets assignments at its end and never an `import`. */
import type { MagicString } from 'magic-string'
import { imports, meta, setupStatement, type TransformFacts, type Wrap } from './emit.ts'

export function wrapCommonJs(magic: MagicString, wraps: Wrap[], facts: TransformFacts): void {
  const lines = imports(
    facts,
    (names, source) => `const { ${names.join(', ').replaceAll(' as ', ': ')} } = require('${source}')`,
  )
  lines.push(setupStatement(facts))
  for (const { name, shape, kind, line } of wraps) {
    if (shape.form !== 'commonjs') continue
    lines.push(`${shape.target} = __otel(__otel_${kind}, ${shape.target}, ${meta(facts, name, line)}, __otel_s)`)
  }
  if (facts.register) lines.push(`__otel_register(__otel_s, ${JSON.stringify(wraps.map(({ name }) => name))})`)
  // A block of its own: nothing here can collide with the user's names.
  magic.append(`\n;{\n${lines.join('\n')}\n}\n`)
}
