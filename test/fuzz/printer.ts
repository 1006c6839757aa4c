/** Puts a module together: names are bound and exported once each, whatever the parts ask for. */
import { isIdentifier, spell, spellExported, type Name } from './names.ts'

export interface Printer {
  /** Binds a name at the top level, or one like it that is free. */
  bind(name: Name): Name
  /** Takes an exported name; undefined: another part has it. */
  take(name: Name): Name | undefined
  /** `local as name` in the clause at the end of the module. */
  clause(local: Name, name: Name): void
  /** Local names that are bound so far. */
  readonly bound: readonly Name[]
  /** What the clause at the end exports. */
  readonly specifiers: readonly string[]
}

/** A statement, or some. */
export type Part = (printer: Printer) => string

export function createPrinter(): Printer {
  const locals = new Set<string>()
  const exported = new Set<string>()
  const bound: Name[] = []
  const specifiers: string[] = []
  return {
    bound,
    specifiers,
    bind(name) {
      let text = name.text
      for (let n = 2; locals.has(text); n++) text = `${name.text}${n}`
      locals.add(text)
      const free = { ...name, text }
      bound.push(free)
      return free
    },
    take(name) {
      if (exported.has(name.text)) return undefined
      exported.add(name.text)
      return name
    },
    clause(local, name) {
      specifiers.push(specifierText(local, name, ' '))
    },
  }
}

export function specifierText(local: Name, name: Name, gap: string): string {
  if (local.text === name.text && isIdentifier(name.text)) return spell(local)
  return `${spell(local)}${gap}as${gap}${spellExported(name)}`
}

/** With the types or without; each `@` becomes a word that the module has once. */
export function finishText(text: string, isTyped: boolean): string {
  let labels = 0
  return text.replace(/‹([^›]*)›/g, isTyped ? '$1' : '').replace(/@(?![a-z])/g, () => `L${++labels}x`)
}
