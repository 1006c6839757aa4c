/** The statements of an ES module: declarations × modifiers × forms of export, re-exports, types. */
import * as fc from 'fast-check'
import { AGAIN, againText } from './again.ts'
import { exportedName, localName, spell, type Name } from './names.ts'
import { elsewhere, types } from './others.ts'
import { specifierText, type Part, type Printer } from './printer.ts'
import { comment, gap, noise, semicolon } from './trivia.ts'
import { functionText, value, valueText, work, type Value, type Work } from './values.ts'

const HOW = [
  'const',
  'let',
  'var',
  'function',
  'async function',
  'function*',
  'class',
  'object pattern',
  'array pattern',
  'two',
  'enum',
  'namespace',
  'using',
] as const
const EXPORTS = [
  'inline',
  'clause',
  'renamed',
  'renamed before',
  'default clause',
  'default identifier',
  'twice',
  'none',
] as const

interface Declared {
  readonly how: (typeof HOW)[number]
  readonly exportAs: (typeof EXPORTS)[number]
  readonly again: (typeof AGAIN)[number]
  readonly name: Name
  readonly exported: Name
  readonly value: Value
  readonly of: Work
  readonly isOverloaded: boolean
  readonly isMerged: boolean
  readonly comment: string
  readonly gap: string
  readonly end: string
}

const declared: fc.Arbitrary<Part> = fc
  .record<Declared>({
    how: fc.constantFrom(...HOW.slice(0, 4), ...HOW),
    exportAs: fc.constantFrom(...EXPORTS),
    again: fc.constantFrom(...AGAIN),
    name: localName,
    exported: exportedName,
    value,
    of: work,
    isOverloaded: fc.boolean(),
    isMerged: fc.boolean(),
    comment,
    gap,
    end: semicolon,
  })
  .map((it) => (printer) => printDeclared(it, printer))

function printDeclared(it: Declared, printer: Printer): string {
  const { how, gap } = it
  const local = printer.bind(it.name)
  const isInline = it.exportAs === 'inline' && how !== 'using' && printer.take(local) !== undefined
  const word = isInline ? `export${gap}` : ''
  const typed = (text: string) => `‹${text.replaceAll('›', '')}›`
  const declarations = declarationTexts(it, local, word, printer, typed)
  const before = it.exportAs === 'renamed before' ? exportOf(it, local, printer, isInline) : ''
  const after = before ? '' : exportOf(it, local, printer, isInline)
  // Only a `var` may be declared again.
  const assignable = it.again.startsWith('declared') ? /^var$/ : /^(let|var|function|async function)$/
  const again = assignable.test(how) ? againText(it, spell(local), printer) : ''
  return [before, it.comment + declarations, again, after].filter(Boolean).join('\n')
}

function declarationTexts(
  { how, value, of, isOverloaded, isMerged, gap, end, exportAs }: Declared,
  local: Name,
  word: string,
  printer: Printer,
  typed: (text: string) => string,
): string {
  const name = spell(local)
  const text = valueText(value)
  const body = functionText(of)
  const merged =
    isMerged && /function|class/.test(how) ? `\n‹${word}namespace ${name} { export const extra = '@' }›` : ''
  switch (how) {
    case 'const':
    case 'let':
    case 'var': {
      const isAnnotated = of.looksAtThis ? '‹: any›' : ''
      return `${word}${how}${gap}${name}${isAnnotated}${gap}=${gap}${text}${end}`
    }
    case 'function':
    case 'async function':
    case 'function*': {
      const signatures = isOverloaded
        ? typed(
            `${word}${how.replace('*', '').replace('async ', '')} ${name}(a: number): void;\n${word}function ${name}(a?: any, b?: any, c?: any): any;\n`,
          )
        : ''
      return `${signatures}${word}${how} ${name}${body}${merged}`
    }
    case 'class': {
      const superClass = isOverloaded ? ' extends Base' : ''
      const member = '‹private readonly hidden = 1; declare later: string;› #own = "@"; own() { return this.#own }'
      return `${word}class${gap}${name}${superClass} { ${member} fetch${functionText({ ...of, looksAtThis: false })} }${merged}`
    }
    case 'object pattern': {
      const rest = spell(printer.bind({ text: 'rest', isEscaped: false }))
      const isRestExported = word && printer.take({ text: rest, isEscaped: false })
      const pattern = isRestExported || !word ? `{ a: ${name}, ...${rest} }` : `{ a: ${name} = 1 }`
      return `${word}const ${pattern}${gap}=${gap}{ a: ${text}, b: 2 }${end}`
    }
    case 'array pattern':
      return `${word}let [, ${name} = 1]${gap}=${gap}[1, ${text}]${end}`
    case 'two': {
      const other = printer.bind({ text: 'POST', isEscaped: false })
      if (word && !printer.take(other)) return `${word}const ${name} = ${text}${end}`
      return `${word}${exportAs === 'twice' ? 'var' : 'const'} ${name} = ${text},${gap}${spell(other)}${gap}=${gap}() => '@'${end}`
    }
    case 'enum':
      return `‹${word}${isMerged ? 'const ' : ''}enum ${name} { A, B = '@' }\n›track("@")`
    case 'namespace':
      return `‹${word}namespace ${name} { export const a = '@'; export function handler() { return a } }›;`
    case 'using':
      return `using ${name} = Object.assign(function ${body}, { [Symbol.dispose]() { track('@') } })${end}`
  }
}

/** Enums and namespaces are types in JavaScript: there is nothing to export then. */
function exportOf(
  { exportAs, how, exported, comment, gap, end }: Declared,
  local: Name,
  printer: Printer,
  isInline: boolean,
): string {
  if (isInline || exportAs === 'none' || exportAs === 'inline') return ''
  const only = (text: string) => (/^(enum|namespace)$/.test(how) ? `‹${text}›` : text)
  const fallback: Name = { text: 'default', isEscaped: false }
  if (exportAs === 'default identifier') {
    return printer.take(fallback) ? only(`${comment}export${gap}default${gap}${spell(local)}${end}`) : ''
  }
  const wanted =
    exportAs === 'default clause'
      ? fallback
      : exportAs === 'renamed' || exportAs === 'renamed before' || exportAs === 'twice'
        ? exported
        : local
  const name = printer.take(wanted)
  if (!name) return ''
  if (exportAs === 'clause' && !only('').includes('‹')) {
    printer.clause(local, name)
    return ''
  }
  const second = exportAs === 'twice' ? printer.take({ text: `also-${local.text}`, isEscaped: false }) : undefined
  const more = second ? `, ${comment.includes('//') ? '' : comment}${specifierText(local, second, gap)},` : ''
  return only(`export${gap}{${gap}${specifierText(local, name, gap)}${more}${gap}}${end}`)
}

const defaultValue: fc.Arbitrary<Part> = fc
  .record({ value, gap, comment, end: semicolon, before: comment })
  .map(({ value, gap, comment, end, before }) => ({ take }) => {
    if (!take({ text: 'default', isEscaped: false })) return ''
    return `${before}export${gap}default${gap}${comment}${valueText(value)}${end}`
  })

const effect: fc.Arbitrary<Part> = fc.record({ noise, comment, end: semicolon }).map(
  ({ noise, comment, end }) =>
    () =>
      comment + noise + end,
)

const use: fc.Arbitrary<Part> = fc.nat(5).map((at) => ({ bound }) => {
  const name = bound[at]
  return name ? `track(typeof ${spell(name)}, '@');` : ''
})

export const esmPart: fc.Arbitrary<Part> = fc.oneof(
  { weight: 8, arbitrary: declared },
  { weight: 2, arbitrary: defaultValue },
  { weight: 2, arbitrary: elsewhere },
  { weight: 1, arbitrary: types },
  { weight: 2, arbitrary: effect },
  { weight: 1, arbitrary: use },
)

/** The clause at the end, or the start. */
export function clauseText(printer: Printer): string {
  return printer.specifiers.length > 0 ? `export { ${printer.specifiers.join(', ')} }` : ''
}
