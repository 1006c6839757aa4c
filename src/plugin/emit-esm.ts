/** ES modules: imports after the directives, wrappers behind what they wrap, and one export clause at the end. */
import type { MagicString } from 'magic-string'
import { basename } from 'pathe'
import { unwrap } from './ast.ts'
import {
  imports,
  installCalls,
  quote,
  registerCall,
  setupStatement,
  wrapCall,
  type Emission,
  type Wrap,
} from './emit.ts'
import { thenStatements } from './emit-then.ts'
import { wrapInside } from './emit-inside.ts'
import { addHead, type Source } from './head.ts'
import { createPlacer, encloseAssignments } from './placement.ts'
import type { Shape } from './shapes.ts'
import { stripExports } from './strip-exports.ts'

export function wrapEsm(magic: MagicString, source: Source, wraps: readonly Wrap[], emission: Emission): void {
  const whole = wraps.filter(({ inside }) => !inside)
  const isAskedEarly = encloseAssignments(magic, whole)
  const shapes = whole.map(({ shape }) => shape)
  const raw = stripExports(magic, source, shapes)
  const head = imports(emission, wraps, (names, from) => `import { ${names.join(', ')} } from ${quote(from)}`)
  head.push(setupStatement(emission, isAskedEarly ? 'var' : 'const'))
  const tail: string[] = []
  head.push(...installCalls(emission))
  const place = createPlacer(magic, { head, tail }, emission)

  for (const wrap of wraps) if (wrap.inside) wrapInside(magic, wrap, wrap.inside, emission)
  for (const wrap of whole) {
    const { id, shape } = wrap
    if (shape.form === 'default-expression') {
      const value = `${id}_default`
      const [before, after] = nameAround(unwrap(shape.expression).type)
      magic.overwrite(shape.keyword.start, shape.keyword.end, `const ${value} =${before}`)
      const wrapper = `const ${id} = /* @__PURE__ */ ${wrapCall(emission, wrap, value)}`
      magic.appendLeft(shape.expression.end, `${after}\n;${wrapper};`)
    } else if ((shape.form === 'specifier' || shape.form === 'star') && shape.from) {
      // Where it was: what is imported first runs first.
      magic.appendRight(
        shape.statement.start,
        `import { ${toClauseName(shape.local)} as ${id}_import } from ${shape.from};\n`,
      )
      place(wrap, shape.binding, `${id}_import`)
    } else if ('binding' in shape && shape.local) {
      place(wrap, shape.binding, shape.local)
    } else if (shape.form === 'default-declaration') {
      magic.appendLeft(shape.nameAt, ` ${id}_default`)
      place(wrap, shape.binding, `${id}_default`, asDefault(`${id}_default`, shape))
    }
  }
  const isStatement = ({ name }: Wrap) => name === 'default' && emission.defaultAs === 'statement'
  const clauses = whole.filter((wrap) => !isStatement(wrap)).map(({ id, name }) => `${id} as ${toClauseName(name)}`)
  const names = [...clauses, ...raw]
  if (names.length > 0) tail.push(`export { ${names.join(', ')} }`)
  for (const { id } of whole.filter(isStatement)) tail.push(`export default ${id}`)
  if (emission.register) {
    const call = registerCall(emission, wraps)
    tail.push(emission.register === 'awaited' ? `await ${call}` : call)
    if (emission.register === 'exported') tail.push(...thenStatements(emission.prefix, basename(emission.path)))
  }
  addHead(magic, source, head)
  if (tail.length > 0) magic.append(`\n;${tail.join('\n')}\n`)
}

/** A property, because that is what still names an anonymous function `default`; a function is no effect, if unused. */
function nameAround(type: string): readonly [before: string, after: string] {
  if (type === 'ClassDeclaration' || type === 'ClassExpression') return [' { default:', ' }.default']
  if (/Function/.test(type)) return [' /* @__PURE__ */ (() => ({ default:', ' }).default)()']
  return ['', '']
}

/** Named as it was before it got a name to be wrapped by. A class may be sealed, or have a `name` of its own. */
function asDefault(name: string, { binding }: Extract<Shape, { form: 'default-declaration' }>): string {
  const descriptor = `'name', { value: 'default' }`
  if (binding.kind === 'function') return `Object.defineProperty(${name}, ${descriptor})`
  return `(${name}.name === '${name}' && Reflect.defineProperty(${name}, ${descriptor}), ${name})`
}

function toClauseName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name)
}
