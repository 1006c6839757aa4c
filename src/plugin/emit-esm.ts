/** ES modules: imports after the directives, wrappers and one export clause at the end. */
import type { MagicString } from 'magic-string'
import type { Range } from './ast.ts'
import { imports, meta, setupStatement, type TransformFacts, type Wrap } from './emit.ts'
import type { ExportedValue } from './handlers.ts'

export function wrapEsm(
  magic: MagicString,
  code: string,
  program: ProgramLike,
  values: readonly ExportedValue[],
  wraps: Wrap[],
  facts: TransformFacts,
): void {
  const head = imports(facts, (names, source) => `import { ${names.join(', ')} } from '${source}'`)
  const tail: string[] = [setupStatement(facts)]
  const clauses: string[] = []
  const statements = new Set<Range>()

  for (const { id, name, shape, kind, line } of wraps) {
    let value: string
    let hoisted = false
    if (shape.form === 'declaration') {
      statements.add(shape.statement)
      value = shape.local
      hoisted = shape.hoisted
    } else if (shape.form === 'default-declaration') {
      magic.remove(shape.statement.start, shape.declaration.start)
      value = shape.local
      hoisted = true
    } else if (shape.form === 'default-expression') {
      value = `${id}_default`
      takeDefault(magic, code, shape.statement, shape.expression, value)
    } else if (shape.form === 'specifier') {
      statements.add(shape.statement)
      value = shape.local
      hoisted = shape.hoisted
      if (shape.from) {
        value = `${id}_import`
        head.push(`import { ${toClauseName(shape.local)} as ${value} } from ${shape.from}`)
      }
    } else continue
    const wrapper = `/* @__PURE__ */ __otel(__otel_${kind}, ${value}, ${meta(facts, name, line)}, __otel_s)`
    // Inside an import cycle the export is used before this line: a function declaration is there by then.
    if (hoisted) tail.push(`function ${id}(...a) { return ${value}.apply(this, a) }`, `${id} = ${wrapper}`)
    else tail.push(`const ${id} = ${wrapper}`)
    clauses.push(`${id} as ${toClauseName(name)}`)
  }
  for (const statement of statements) clauses.push(...stripExport(magic, code, statement, values, wraps))
  tail.push(`export { ${clauses.join(', ')} }`)
  if (facts.register) {
    const call = `__otel_register(__otel_s, ${JSON.stringify(wraps.map(({ name }) => name))})`
    tail.push(facts.register === 'awaited' ? `await ${call}` : call)
  }
  const at = headPosition(code, program)
  magic.appendLeft(at, `${at > 0 && code[at - 1] !== BOM ? '\n' : ''}${head.join('\n')}\n`)
  magic.append(`\n;${tail.join('\n')}\n`)
}

/** Takes the `export` away from a statement, or the wrapped names out of its clause. Returns what it exported raw. */
function stripExport(
  magic: MagicString,
  code: string,
  statement: Range,
  values: readonly ExportedValue[],
  wraps: Wrap[],
): string[] {
  const own = values.filter(({ shape }) => 'statement' in shape && shape.statement === statement)
  const raw = own.filter((value) => wraps.every(({ shape }) => shape !== value.shape))
  const [first] = own
  if (first?.shape.form === 'declaration') {
    magic.remove(statement.start, first.shape.declaration.start)
    return raw.map(({ name }) => name)
  }
  const specifiers = own.flatMap(({ shape }) => (shape.form === 'specifier' ? [shape.specifier] : []))
  const open = code.indexOf('{', statement.start)
  const close = code.indexOf('}', specifiers.at(-1)!.end)
  const removed = new Set(wraps.map(({ shape }) => (shape.form === 'specifier' ? shape.specifier : undefined)))
  const all = clauseItems(code, open, close)
  const kept = all.filter(
    (item) => ![...removed].some((range) => range && range.start >= item.start && range.end <= item.end),
  )
  magic.overwrite(
    open + 1,
    close,
    kept.length > 0 ? ` ${kept.map((item) => code.slice(item.start, item.end).trim()).join(', ')} ` : '',
  )
  return []
}

/** The comma-separated items of an export clause; names in it cannot contain commas unless quoted. */
function clauseItems(code: string, open: number, close: number): Range[] {
  const items: Range[] = []
  let start = open + 1
  for (const match of code.slice(start, close).matchAll(/"[^"]*"|'[^']*'|\/\*[^]*?\*\/|\/\/.*|,/g)) {
    if (match[0] !== ',') continue
    const end = open + 1 + match.index
    items.push({ start, end })
    start = end + 1
  }
  items.push({ start, end: close })
  return items.filter((item) => code.slice(item.start, item.end).trim() !== '')
}

/** `export default async () => {}` → a constant whose function is still named `default`. */
function takeDefault(magic: MagicString, code: string, statement: Range, expression: Range, name: string): void {
  const keyword = /^export\s+default\b/.exec(code.slice(statement.start, expression.start))!
  magic.overwrite(statement.start, statement.start + keyword[0].length, `const ${name} = { default:`)
  magic.appendLeft(expression.end, ' }.default;')
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
