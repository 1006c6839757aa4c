/** ES modules: imports after the directives, wrappers and one export clause at the end. */
import type { MagicString } from 'magic-string'
import type { Range } from './ast.ts'
import { imports, registerCall, setupStatement, wrapCall, type Emission, type Wrap } from './emit.ts'
import type { ExportedValue } from './handlers.ts'

export function wrapEsm(
  magic: MagicString,
  code: string,
  program: ProgramLike,
  values: readonly ExportedValue[],
  wraps: readonly Wrap[],
  emission: Emission,
): void {
  const head = imports(emission, wraps, (names, source) => `import { ${names.join(', ')} } from '${source}'`)
  // An object or a class may be used by a module of an import cycle as soon as it is there.
  const isEarly = ({ members, shape }: Wrap) => members && shape.form === 'declaration' && shape.settled
  const tail: string[] = []
  ;(wraps.some(isEarly) ? head : tail).push(setupStatement(emission))
  // At the end, because a module runs where it is imported first: there the user's own statement still stands.
  const again: string[] = []
  const clauses: string[] = []
  let statement = ''
  const statements = new Set<Range>()

  for (const wrap of wraps) {
    const { id, shape } = wrap
    // The expression to wrap, and the name of a function that is there before the module runs.
    let value: string
    let hoisted: string | undefined
    if (shape.form === 'declaration') {
      statements.add(shape.statement)
      value = shape.local
      if (shape.hoisted) hoisted = value
      for (const { start, end } of shape.overloads) magic.remove(start, end)
    } else if (shape.form === 'default-declaration') {
      magic.remove(shape.statement.start, shape.declaration.start)
      for (const { start, end } of shape.overloads) magic.remove(start, end)
      value = hoisted = shape.local ?? `${id}_default`
      if (!shape.local) {
        magic.appendLeft(shape.nameAt, ` ${value}`)
        value = `/* @__PURE__ */ Object.defineProperty(${value}, 'name', { value: 'default' })`
      }
    } else if (shape.form === 'default-expression') {
      value = `${id}_default`
      // A property, because that is what still names an anonymous function `default`.
      magic.overwrite(shape.keyword.start, shape.keyword.end, `const ${value} = { default:`)
      magic.appendLeft(shape.expression.end, ' }.default;')
    } else if (shape.form === 'specifier') {
      statements.add(shape.statement)
      value = shape.local
      if (shape.hoisted) hoisted = value
      if (shape.from) {
        value = `${id}_import`
        again.push(`import { ${toClauseName(shape.local)} as ${value} } from ${shape.from}`)
      }
    } else if (shape.form === 'star') {
      value = `${id}_import`
      again.push(`import { ${toClauseName(shape.local)} as ${value} } from ${shape.from}`)
    } else continue
    const wrapper = `/* @__PURE__ */ ${wrapCall(emission, wrap, value)}`
    // Inside an import cycle the export is used before this line: a function declaration is there by then.
    if (hoisted) tail.push(`function ${id}(...a) { return ${hoisted}.apply(this, a) }`, `${id} = ${wrapper}`)
    else if (isEarly(wrap) && shape.form === 'declaration') {
      magic.appendLeft(shape.statement.end, `\n;const ${id} = ${wrapper};`)
    } else tail.push(`const ${id} = ${wrapper}`)
    if (wrap.name === 'default' && emission.defaultAs === 'statement') statement = `export default ${id}`
    else clauses.push(`${id} as ${toClauseName(wrap.name)}`)
  }
  for (const each of statements) clauses.push(...stripExport(magic, code, each, values, wraps))
  if (clauses.length > 0) tail.push(`export { ${clauses.join(', ')} }`)
  if (statement) tail.push(statement)
  if (emission.register) {
    const call = registerCall(emission, wraps)
    tail.push(emission.register === 'awaited' ? `await ${call}` : call)
  }
  const at = headPosition(code, program)
  magic.appendLeft(at, `${at > 0 && code[at - 1] !== BOM ? '\n' : ''}${head.join('\n')}\n`)
  magic.append(`\n;${[...again, ...tail].join('\n')}\n`)
}

/** Takes the `export` away from a statement, or the wrapped names out of its clause. Returns what it exported raw. */
function stripExport(
  magic: MagicString,
  code: string,
  statement: Range,
  values: readonly ExportedValue[],
  wraps: readonly Wrap[],
): string[] {
  const wrapped = new Set(wraps.map(({ shape }) => shape))
  const own = values.filter(({ shape }) => 'statement' in shape && shape.statement === statement)
  const shape = own.find((value) => wrapped.has(value.shape))?.shape
  if (shape?.form === 'declaration') {
    magic.remove(statement.start, shape.declaration.start)
    return own.filter((value) => !wrapped.has(value.shape)).map(({ name }) => name)
  }
  if (shape?.form !== 'specifier') return []
  const { start, end, specifiers } = shape.clause
  const taken = new Set(
    own.map(({ shape }) => (wrapped.has(shape) && 'specifier' in shape ? shape.specifier : undefined)),
  )
  const kept = specifiers.filter((specifier) => !taken.has(specifier))
  magic.overwrite(
    start,
    end,
    kept.length > 0 ? ` ${kept.map((item) => code.slice(item.start, item.end)).join(', ')} ` : ' ',
  )
  return []
}

const BOM = '\uFEFF'
interface ProgramLike {
  readonly hashbang?: Range | null
  readonly body: readonly { readonly type: string; readonly end: number; readonly directive?: string | null }[]
}

/** After byte order mark, shebang and directives: before them, they would lose their meaning. */
function headPosition(code: string, program: ProgramLike): number {
  let at = program.hashbang?.end ?? (code.startsWith(BOM) ? 1 : 0)
  for (const { type, directive, end } of program.body) {
    if (type !== 'ExpressionStatement' || !directive) break
    at = end
  }
  return at
}

function toClauseName(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name)
}
