/** Telemetry that a module has by hand, and that wrapped handlers need no more. Changes nothing, and never guesses. */
import type { Node } from '../ast.ts'
import { createLocator } from '../position.ts'
import { isCalledByOthers } from './callbacks.ts'
import { createModules, parseModule, type Module, type Modules, type Sources } from './modules.ts'
import { isRegistered } from './registered.ts'
import { isOneOf, MENTIONS, seedOf, type Seed } from './seeds.ts'
import { isInInvocation, isLate, isLeft, outermost, soleCall } from './surroundings.ts'
import { clientTexts, EDGE, LATE, SET_UP, SURE, UNREGISTERED, UNWRAPPED, wrapperTexts, type Texts } from './texts.ts'
import { withoutTexts } from '../without-texts.ts'
import { createValues, type Value, type Values } from './values.ts'

/** For the report: where something obsolete stands, and what about it. */
export interface Obsolete {
  readonly path: string
  /** Both 1-based. */
  readonly line: number
  readonly column: number
  /** One line of the source. */
  readonly code: string
  readonly why: string
  readonly remedy: string
}

export interface Finding extends Texts {
  readonly kind: 'flush' | 'wrapper' | 'option' | 'edge' | 'set-up'
  /** The call, the property, or the specifier of the import. */
  readonly node: Node
  /** With all around it that is there for its sake. */
  readonly outer: Node
  readonly seed: Seed
  /** Removing it loses nothing. */
  readonly isSure: boolean
}

/**
 * @param path how the project names the file
 * @param sources where the modules are that it imports by a relative specifier; without, none is followed
 */
export function findObsolete(code: string, path: string, file = path, sources = NONE): Obsolete[] {
  if (!MENTIONS.test(code)) return []
  const module = parseModule(file, code)
  if (!module) return []
  return describe(findIn(module, createModules(sources), sources), module, path)
}

const NONE: Sources = { resolve: () => undefined, read: () => undefined, handlersOf: () => undefined }

export function describe(findings: readonly Finding[], module: Module, path: string): Obsolete[] {
  const locate = createLocator(module.code)
  const shown = findings.length > 0 ? withoutTexts(module.code, module) : ''
  return findings.map(({ kind, outer, why, remedy }) => {
    const { start, end } = outer
    // That is the name of a module.
    const code = kind === 'edge' ? module.code : shown
    return { path, ...locate(start), code: toLine(code.slice(start, end)), why, remedy }
  })
}

const MAX_LINE = 80

function toLine(code: string): string {
  const line = code.replace(/\s+/g, ' ')
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line
}

/** In the order of the source. */
export function findIn(module: Module, modules: Modules, sources: Sources): Finding[] {
  const values = createValues(modules)
  const found: Finding[] = []
  for (const node of module.scopes.nodes) {
    if (/^(Call|New)Expression$/.test(node.type)) found.push(...findInCall(node, module, values, sources))
    if (node.type === 'Literal' && isSpecifier(node, module)) found.push(...findInSpecifier(node))
  }
  return found.toSorted((one, other) => one.outer.start - other.outer.start)
}

function* findInCall(node: Node, module: Module, values: Values, sources: Sources): Generator<Finding> {
  const flushed = findFlushed(node, module, values)
  if (flushed && isInInvocation(node, module)) {
    const { seed } = flushed
    const outer = outermost(node, module)
    const texts = seed.sends ? clientTexts(seed.sends) : flushTexts(flushed, outer, module, values, sources)
    yield { kind: 'flush', node, outer, seed, isSure: texts === SURE, ...texts }
  }
  const value = values.of(node.callee, module)
  if (!value) return
  const { seed } = value
  const { sends = '' } = seed
  const path = node.type === 'NewExpression' ? `new ${value.path}()` : `${value.path}()`
  const [argument] = node.arguments
  if (isOneOf(seed.wrappers, path)) {
    yield { kind: 'wrapper', node, outer: node, seed, isSure: false, ...wrapperTexts(sends) }
  }
  if (isOneOf(seed.setUps, path) && isExporter(argument && values.of(argument, module))) {
    yield { kind: 'set-up', node, outer: node, seed, isSure: false, ...SET_UP }
  }
  const options = argument?.type === 'ObjectExpression' ? (seed.options?.[path] ?? []) : []
  for (const property of options.length > 0 ? argument.properties : []) {
    const { type, key, computed, value: given } = property
    if (type !== 'Property' || computed || !options.includes(key.name ?? key.value) || given.value !== true) continue
    yield { kind: 'option', node: property, outer: property, seed, isSure: false, ...clientTexts(sends) }
  }
}

const isExporter = (value: ReturnType<Values['of']>) => isOneOf(value?.seed.exporters, value?.path ?? '')

function* findInSpecifier(node: Node): Generator<Finding> {
  const seed = seedOf(node.value)
  const name = seed?.packages.find((each) => node.value.startsWith(`${each}/`))
  const entry = name === undefined ? '' : node.value.slice(name.length + 1)
  if (seed?.edge && Object.hasOwn(seed.edge, entry)) {
    yield { kind: 'edge', node, outer: node, seed, isSure: false, ...EDGE }
  }
}

function isSpecifier(node: Node, { scopes }: Module): boolean {
  const parent = scopes.parentOf(node)
  if (typeof node.value !== 'string' || !parent) return false
  return parent.source === node || (parent.callee?.name === 'require' && parent.arguments[0] === node)
}

/** A function that calls one that calls one. */
const MAX_CALLS = 3

/** What a call flushes, also by a function of the project that does no more than that. */
function findFlushed(node: Node, module: Module, values: Values, depth = 0): Value | undefined {
  if (node?.type !== 'CallExpression' || depth > MAX_CALLS) return undefined
  const value = values.of(node.callee, module)
  if (value) return isOneOf(value.seed.flushes, `${value.path}()`) ? value : undefined
  const called = values.functionOf(node.callee, module)
  return called && findFlushed(soleCall(called.node), called.module, values, depth + 1)
}

function flushTexts(value: Value, outer: Node, module: Module, values: Values, sources: Sources): Texts {
  if (!isRegistered(value, values)) return UNREGISTERED
  if (isLate(outer, module)) return LATE
  const handlers = sources.handlersOf(module.file)
  return handlers && !isLeft(outer, module) && !isCalledByOthers(outer, module, handlers) ? SURE : UNWRAPPED
}
