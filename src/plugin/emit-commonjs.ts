/** CommonJS gets assignments at its end, what is installed at its start, and never an `import`. */
import type { MagicString } from 'magic-string'
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
import { wrapInside } from './emit-inside.ts'
import type { Exports } from './handlers.ts'
import { addHead, type Source } from './head.ts'

export function wrapCommonJs(
  magic: MagicString,
  source: Source,
  wraps: readonly Wrap[],
  emission: Emission,
  { isOwn, assignment }: Pick<Exports, 'isOwn' | 'assignment'>,
): void {
  const { prefix, register } = emission
  const emit = (names: string[], from: string) =>
    names[0]!.startsWith('default as ')
      ? requireDefault(names[0]!.slice('default as '.length), from)
      : `const { ${names.join(', ').replaceAll(' as ', ': ')} } = require(${quote(from)})`
  const lines = imports(emission, wraps, emit)
  const late = wraps.filter(({ shape }) => shape.form === 'commonjs-late')
  if (late.length > 0) lines.push(emit([`wrapExports as ${prefix}_exports`], 'unplugin-otel/runtime/commonjs'))
  lines.push(setupStatement(emission))
  const installs = installCalls(emission)
  if (installs.length > 0 || wraps.some(({ inside }) => inside)) {
    addHead(magic, source, [...lines.splice(0), ...installs])
  }
  for (const wrap of wraps) {
    const { shape, inside } = wrap
    if (inside) wrapInside(magic, wrap, inside, emission)
    else if (shape.form === 'commonjs') lines.push(`${shape.target} = ${wrapCall(emission, wrap, shape.target)}`)
  }
  if (late.length === 0) {
    if (register) lines.push(registerCall(emission, wraps))
    if (lines.length > 0) magic.append(toBlock(lines))
    return
  }
  const wrappers = late.map((wrap) => `${JSON.stringify(wrap.name)}: (f) => ${wrapCall(emission, wrap, 'f')}`)
  const sure = wraps.filter(({ shape }) => shape.form === 'commonjs').map(({ name }) => JSON.stringify(name))
  // And of what is guessed at, the names that are there.
  const names = sure.length > 0 ? `[${sure.join(', ')}, ...names]` : 'names'
  const rest = [
    `{ ${wrappers.join(', ')} }`,
    String(isOwn),
    ...(register ? [`(names) => ${prefix}_register(${prefix}_s, ${names})`] : []),
  ].join(', ')
  if (assignment) {
    // tsc puts the assignment behind all else, so the operand is what can be wrapped.
    magic.appendLeft(assignment.start, `${lines.join('\n')}\n`)
    magic.appendRight(assignment.expression.start, `${prefix}_exports(`)
    magic.appendLeft(assignment.expression.end, `, ${rest})`)
  } else {
    // Written like this it does not make cjs-module-lexer forget the names that it found, for whoever imports the module.
    // https://github.com/nodejs/cjs-module-lexer#exports-object-assignment
    lines.push(`module['exports'] = ${prefix}_exports(module.exports, ${rest})`)
    magic.append(toBlock(lines))
  }
}

/** What bundlers give for an ES module has it as `default`; CommonJS is it, and so is what some are told to give. */
function requireDefault(name: string, from: string): string {
  return `const ${name} = ((m) => m.default ?? m)(require(${quote(from)}))`
}

/** A block of its own: nothing here can collide with the user's names. */
function toBlock(lines: readonly string[]): string {
  return `\n;{\n${lines.join('\n')}\n}\n`
}
