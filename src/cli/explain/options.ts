/** What a configuration gives to `otel()`, as far as it is written there as plain values. */
import { unwrap, type Node } from '../../plugin/ast.ts'
import type { Options } from '../../plugin/options.ts'
import { parse } from '../../plugin/parse.ts'
import { findUnread } from '../../plugin/unread.ts'
import type { Root } from './root.ts'

export interface WrittenOptions {
  readonly options: Options
  /** Names of those whose values only running it would tell; `…` for a spread, or all of them. */
  readonly computed: readonly string[]
}

const PACKAGE = /^unplugin-otel\//

/** @returns those of the first call; undefined: there is none, as in SST's `export { default } from`, or no options */
export function findWrittenOptions(file: string, text: string): WrittenOptions | undefined {
  if (!/\.[cm]?[jt]s$/.test(file) || findUnread(text)) return undefined
  const { program, errors } = parse(file, text)
  if (errors.length > 0) return undefined
  const names = new Map<string, string>()
  for (const node of nodes(program)) {
    if (node.type === 'ImportDeclaration' && PACKAGE.test(node.source.value)) {
      for (const { local, imported } of node.specifiers) names.set(local.name, imported?.name ?? 'default')
    } else if (node.type === 'VariableDeclarator' && isRequire(node.init)) {
      if (node.id.type === 'Identifier') names.set(node.id.name, 'default')
      for (const { key, value } of node.id.properties ?? []) if (value?.name) names.set(value.name, key?.name)
    }
  }
  for (const { type, callee, arguments: given } of nodes(program)) {
    if (type !== 'CallExpression') continue
    const name = isRequire(callee) ? 'default' : callee.type === 'Identifier' ? names.get(callee.name) : undefined
    // The first argument of `withOtel` is Next's own.
    if (name !== undefined) return toWritten(unwrap(given[name === 'withOtel' ? 1 : 0]))
  }
  return undefined
}

const NO_OPTIONS: WrittenOptions = { options: {}, computed: [] }

export function writtenIn({ configuration }: Root): WrittenOptions {
  const { file, text } = configuration?.plugin ?? {}
  return (file !== undefined && text !== undefined && findWrittenOptions(file, text)) || NO_OPTIONS
}

function* nodes(node: Node): Generator<Node> {
  if (typeof node.type === 'string') yield node
  for (const value of Object.values(node)) if (typeof value === 'object' && value !== null) yield* nodes(value)
}

function isRequire(node: Node): boolean {
  return (
    node?.type === 'CallExpression' && node.callee.name === 'require' && PACKAGE.test(String(node.arguments[0]?.value))
  )
}

function toWritten(argument: Node): WrittenOptions | undefined {
  if (!argument) return undefined
  if (argument.type !== 'ObjectExpression') return { options: {}, computed: ['…'] }
  const options: Record<string, unknown> = {}
  const computed: string[] = []
  for (const property of argument.properties) {
    const name = nameOfProperty(property)
    const value = name === undefined ? UNKNOWN : valueOf(property.value)
    if (value === UNKNOWN) computed.push(name ?? '…')
    else options[name!] = value
  }
  return { options, computed }
}

const UNKNOWN = Symbol('unknown')

function nameOfProperty({ type, computed, key }: Node): string | undefined {
  return type !== 'Property' || computed ? undefined : String(key.name ?? key.value)
}

function valueOf(given: Node): unknown {
  const node = unwrap(given)
  if (node.type === 'Literal') return node.regex || node.bigint ? UNKNOWN : node.value
  if (node.type === 'ArrayExpression') {
    const values = node.elements.map((element: Node) => (element ? valueOf(element) : UNKNOWN))
    return values.includes(UNKNOWN) ? UNKNOWN : values
  }
  if (node.type !== 'ObjectExpression') return UNKNOWN
  const entries = node.properties.map((property: Node) => [
    nameOfProperty(property),
    property.value ? valueOf(property.value) : UNKNOWN,
  ])
  return entries.flat().some((each: unknown) => each === undefined || each === UNKNOWN)
    ? UNKNOWN
    : Object.fromEntries(entries)
}
