/** What an ES module has of other modules, and of types alone. */
import * as fc from 'fast-check'
import { exportedName, localName, spell, spellExported, type Name } from './names.ts'
import { specifierText, type Part } from './printer.ts'
import { comment, gap, semicolon } from './trivia.ts'

const FROM = ["'./app'", '"./app"', "'./app'/* from './none' */"]
const APP = ['handler', 'run', 'work', 'table', 'GET', 'runtime', 'default']

export const elsewhere: fc.Arbitrary<Part> = fc
  .record({
    form: fc.constantFrom(
      'named',
      'two',
      'star',
      'namespace',
      'import',
      'import default',
      'import all',
      'string',
      'types',
      'mixed',
      'empty',
    ),
    app: fc.constantFrom(...APP),
    local: localName,
    exported: exportedName,
    from: fc.constantFrom(...FROM),
    gap,
    comment,
    end: semicolon,
  })
  .map(({ form, app, local, exported, from, gap, comment, end }) => (printer) => {
    const source: Name = { text: app, isEscaped: false }
    const clause = (text: string) => `${comment}export${gap}{${gap}${text}${gap}}${gap}from${gap}${from}${end}`
    if (form === 'star') return `${comment}export${gap}*${gap}from ${from}${end}`
    if (form === 'types')
      return `‹export type { Orders } from ${from}; export type * from ${from}; import type { Order } from ${from}›${end}`
    if (form === 'empty') return `export {} from ${from}${end}`
    if (form.startsWith('import')) {
      const bound = printer.bind(local)
      const name = printer.take(exported)
      if (name) printer.clause(bound, name)
      const text =
        form === 'import'
          ? `{ ${specifierText(source, bound, gap)} }`
          : form === 'import all'
            ? `* as ${spell(bound)}`
            : spell(bound)
      return `${comment}import${gap}${text}${gap}from${gap}${from}${end}`
    }
    const name = printer.take(exported)
    if (!name) return ''
    if (form === 'namespace') return `export${gap}*${gap}as${gap}${spellExported(name)}${gap}from ${from}${end}`
    if (form === 'string') return clause(`${JSON.stringify(app)} as ${spellExported(name)}`)
    if (form === 'mixed') return clause(`‹type Orders,› ${specifierText(source, name, gap)} ‹, type Order as handlers›`)
    const other = form === 'two' ? printer.take({ text: 'POST', isEscaped: false }) : undefined
    return clause(specifierText(source, name, gap) + (other ? `, work as POST,` : ''))
  })

const TYPES = [
  'export type Handler = () => void',
  'export interface Orders { handler(): void }',
  'interface handlers { (a: string): void }\nexport type { handlers }',
  'export declare const declared: () => void',
  'declare global { var handled: string }',
  'export declare function declaredToo(): void',
  'type Alias = typeof import("./app")\nexport { type Alias }',
  'export abstract class Shape { abstract fetch(): void; declare n: number }',
  'export declare namespace Space { const handler: number }',
  "import type App from './app'\nexport type { App as Apps }",
  'declare module "./app" { export const added: number }',
]

export const types: fc.Arbitrary<Part> = fc
  .record({ index: fc.nat(TYPES.length - 1), end: fc.constantFrom(';', '\n') })
  .map(
    ({ index, end }) =>
      ({ take }) =>
        take({ text: `type ${index}`, isEscaped: false }) ? `‹${TYPES[index]}›${end}` : '',
  )
