/** Where in a module the wrapper of an export stands: inside of import cycles it is there when the export would be. */
import type { MagicString } from 'magic-string'
import type { Binding } from './bindings.ts'
import { wrapCall, type Emission, type Wrap } from './emit.ts'

/** The ends of a module, line by line. */
export interface Ends {
  readonly head: string[]
  readonly tail: string[]
}

type Placement =
  /** There before the module runs: a function of its own is, too, and then replaced by the wrapper. */
  | 'hoisted'
  /** What another module exports, and is not called but looked at. */
  | 'first'
  /** Right after the declaration: it stays what it is there. */
  | 'declared'
  /** What it is when the module has run. */
  | 'last'
  /** Functions assign it again: the wrapper is made anew each time. */
  | 'followed'

function placementOf({ kind, assignments }: Binding, { members }: Wrap): Placement {
  if (assignments.some(({ isLate }) => isLate)) return 'followed'
  if (kind === 'function') return 'hoisted'
  if (kind === 'import') return members ? 'first' : 'hoisted'
  const isSettled = kind === 'const' || ((kind === 'class' || kind === 'let') && assignments.length === 0)
  return isSettled ? 'declared' : 'last'
}

/** @returns whether the setup may be asked for before it is there */
export function encloseAssignments(magic: MagicString, wraps: readonly Wrap[]): boolean {
  let isFollowed = false
  for (const wrap of wraps) {
    if (!('binding' in wrap.shape) || placementOf(wrap.shape.binding, wrap) !== 'followed') continue
    isFollowed = true
    for (const { node } of wrap.shape.binding.assignments) {
      magic.appendRight(node.start, `${wrap.id}_set(`).appendLeft(node.end, ')')
    }
  }
  return isFollowed
}

/** @returns adds the wrapper of what `local` is bound to; `value` is the expression to wrap, if it is another one */
export function createPlacer(magic: MagicString, { head, tail }: Ends, emission: Emission) {
  return (wrap: Wrap, binding: Binding, local: string, value = local): void => {
    const { id } = wrap
    const call = wrapCall(emission, wrap, value)
    // Before it has its value, an import cycle sees `undefined` in the one, and an error in the other.
    const statement = `${binding.kind === 'var' ? 'var' : 'const'} ${id} = /* @__PURE__ */ ${call}`
    const placement = placementOf(binding, wrap)
    // Minifiers give such names to functions, too.
    const args = local === 'a' ? 'b' : 'a'
    const next = local === 'value' ? 'next' : 'value'
    if (placement === 'first') head.push(statement)
    if (placement === 'declared') magic.appendLeft(binding.end, `\n;${statement};`)
    if (placement === 'last') tail.push(statement)
    if (placement === 'hoisted') {
      // An assignment of its own would be an effect, and so keep what nobody uses.
      tail.push(`function ${id}(...${args}) { return (${id}_wrapper ?? ${local}).apply(this, ${args}) }`)
      tail.push(`var ${id}_wrapper = /* @__PURE__ */ (() => ${id} = ${call})()`)
    }
    if (placement === 'followed') {
      // The function stands before it is replaced: `keepNames` of esbuild names it there.
      if (binding.kind === 'function')
        head.push(`function ${id}(...${args}) { return ${local}.apply(this, ${args}) }`, `${id}_set()`)
      else {
        tail.push(`var ${id}`)
        magic.appendLeft(binding.end, `\n;${id}_set();`)
      }
      const setup = `${emission.prefix}_s`
      tail.push(`function ${id}_set(${next}) { ${id} = ${setup} ? ${call} : ${local}; return ${next} }`)
    }
  }
}
