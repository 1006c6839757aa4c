/** What assigns a binding that has its value already. */
import { spell } from './names.ts'
import type { Printer } from './printer.ts'
import { functionText, type Work } from './values.ts'

export const AGAIN = [
  'never',
  'never',
  'never',
  'at once',
  'in a block',
  'in a function',
  'counted',
  'in a loop',
  'declared below',
  'declared below and in a function',
] as const

/** Where it is assigned again; the loop runs once. */
export function againText(
  { again, of }: { again: (typeof AGAIN)[number]; of: Work },
  name: string,
  printer: Printer,
): string {
  const next = `function ${functionText(of)}`
  switch (again) {
    case 'never':
      return ''
    case 'at once':
      return `${name} = ${next};`
    case 'in a block':
      return `if (track('@') === undefined) { ${name} ??= 1; ({ a: ${name} = ${next} } = {}) }`
    case 'in a function':
      return setterText(name, next, printer)
    case 'counted': {
      const setter = printer.bind({ text: 'run', isEscaped: false })
      if (printer.take(setter)) printer.clause(setter, setter)
      return `const ${spell(setter)} = () => { let old = ${name}; ${name} = () => ['@', typeof old]; { let ${name} = 1; ${name}++ } return 1 };`
    }
    case 'in a loop':
      return `for (${name} of [1, ${next}]) track('@');`
    case 'declared below':
      return `switch (track('@')) { case undefined: for (var [${name}] of [[1], [${next}]]); }`
    case 'declared below and in a function':
      return `if (track('@') === undefined) { var ${name}‹: any› = ${next} }\n${setterText(name, '1', printer)}`
  }
}

function setterText(name: string, next: string, printer: Printer): string {
  const setter = printer.bind({ text: 'change', isEscaped: false })
  if (printer.take(setter)) printer.clause(setter, setter)
  return `function ${spell(setter)}(next‹: any› = ${next}) { return ${name} = next }`
}
