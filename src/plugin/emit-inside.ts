/** A wrapper inside of what is exported, where its handler stands: nothing else of the source changes. */
import type { MagicString } from 'magic-string'
import { wrapParts, type Emission, type Wrap } from './emit.ts'
import type { Inside } from './inside.ts'

export function wrapInside(magic: MagicString, wrap: Wrap, { node, form, key }: Inside, emission: Emission): void {
  const name = key === undefined ? wrap.name : `${wrap.name}.${key}`
  const { open, close } = wrapParts(emission, { ...wrap, name })
  const before = `/* @__PURE__ */ ${open}`
  if (form === 'shorthand') {
    magic.appendLeft(node.end, `: ${before}${key}${close}`)
    return
  }
  // A method is one of a literal, and an anonymous function is called what the property is.
  const [begin, end] =
    form === 'method'
      ? [`${key}: ${before}{ `, ` }.${key}`]
      : form === 'unnamed'
        ? [`${before}{ ${key}: `, ` }.${key}`]
        : [before, '']
  magic.appendRight(node.start, begin)
  magic.appendLeft(node.end, `${end}${close}`)
}
