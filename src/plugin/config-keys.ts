/** Which keys `otel.config.ts` has, read from its source: what it does not have is not imported. */
import { nameOf, unwrap, type Node } from './ast.ts'
import type { Config } from '../runtime/define-config.ts'
import { PluginError } from './errors.ts'
import { parse } from './parse.ts'
import { createLocator } from './position.ts'
import { closest } from './suggestion.ts'
import { findUnread } from './unread.ts'

export type ConfigKey = keyof Config

/** By its type all there are: the compiler misses none. */
const KEYS: Readonly<Record<ConfigKey, true>> = {
  onStart: true,
  onEnd: true,
  context: true,
  resource: true,
  spanProcessors: true,
  exporters: true,
  instrumentations: true,
  sampler: true,
  decide: true,
  headers: true,
  redact: true,
  beforeSend: true,
  carrier: true,
  ignore: true,
}
export const configKeys = Object.keys(KEYS) as readonly ConfigKey[]

/**
 * @param path for messages
 * @returns undefined: only running it would tell
 * @throws {PluginError} for a key that there is not, and without a default export
 */
export function readConfigKeys(path: string, code: string): readonly ConfigKey[] | undefined {
  if (findUnread(code)) return undefined
  const { program, errors } = parse(path, code)
  // The bundler says it better.
  if (errors.length > 0) return undefined
  const body = program.body as Node[]
  const locate = createLocator(code)
  const at = (start: number) => {
    const { line, column } = locate(start)
    return `${path}:${line}:${column}`
  }
  const found = findDefault(body)
  if (!found) {
    const remedy = "Write: import { defineConfig } from 'unplugin-otel/config' and export default defineConfig({ … })"
    throw new PluginError(`${at(0)} has no default export`, remedy, 'UO152')
  }
  const object = resolveObject(found, body, code)
  if (!object) return undefined
  const keys: ConfigKey[] = []
  let isWhole = true
  for (const { type, key, computed, start } of object.properties as Node[]) {
    if (type !== 'Property' || (computed && key.type !== 'Literal')) {
      isWhole = false
      continue
    }
    const name = nameOf(key)
    if (!isKey(name)) {
      const similar = closest(name, configKeys)
      throw new PluginError(
        `${at(start)}: unknown key '${name}'`,
        similar ? `Did you mean '${similar}'?` : `Keys: ${configKeys.join(', ')}.`,
        'UO151',
      )
    }
    keys.push(name)
  }
  return isWhole ? keys : undefined
}

function isKey(name: string): name is ConfigKey {
  return Object.hasOwn(KEYS, name)
}

/** The expression, or the local name of it; null where another module has it. */
function findDefault(body: readonly Node[]): Node | undefined {
  for (const { type, declaration, specifiers, source, expression } of body) {
    if (type === 'ExportDefaultDeclaration') return declaration
    // TypeScript's `export =`
    if (type === 'TSExportAssignment') return expression
    const named =
      type === 'ExportNamedDeclaration' && specifiers.find(({ exported }: Node) => nameOf(exported) === 'default')
    if (named) return source ? { type: 'Elsewhere' } : named.local
    const { type: kind, left, right } = type === 'ExpressionStatement' ? expression : {}
    const isModuleExports =
      kind === 'AssignmentExpression' && left.object?.name === 'module' && nameOf(left.property ?? {}) === 'exports'
    if (isModuleExports) return right
  }
  return undefined
}

/** `{ … }`, `defineConfig({ … })`, or a constant of the module that is one of them and is not used anywhere else. */
function resolveObject(given: Node, body: readonly Node[], code: string): Node | undefined {
  const value = unwrap(given)
  if (value.type === 'ObjectExpression') return value
  if (value.type === 'CallExpression' && value.callee.name === 'defineConfig') {
    const [first] = value.arguments
    return first && resolveObject(first, body, code)
  }
  if (value.type !== 'Identifier' || countOf(value.name, code) !== 2) return undefined
  for (const { type, declaration, declarations } of body) {
    const declared: readonly Node[] =
      (type === 'ExportNamedDeclaration' ? declaration?.declarations : declarations) ?? []
    const init = declared.find(({ id }) => id.name === value.name)?.init
    if (init) return resolveObject(init, body, code)
  }
  return undefined
}

/** As a word: also of what comments and strings have, which is more, and then all is imported. */
function countOf(name: string, code: string): number {
  return code.split(/[^\p{ID_Continue}$]+/u).filter((word) => word === name).length
}
