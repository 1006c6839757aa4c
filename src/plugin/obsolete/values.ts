/** What an expression stands for, as far as the source shows it: something that a package of the table made. */
import { boundIdentifiers, unwrap, type Node } from '../ast.ts'
import { findExport, starsOf, type Module, type Modules } from './modules.ts'
import { isFunction, isInFunction } from './scopes.ts'
import { seedOf, type Seed } from './seeds.ts'

export interface Value {
  readonly seed: Seed
  /** As in the table; '' is all of the package. */
  readonly path: string
  /** The call or `new` that made it. */
  readonly origin?: { readonly module: Module; readonly node: Node }
}

type Known = Value | { readonly all: Module } | { readonly runs: Node; readonly in: Module }

/** Values that are handed on are followed that far: a client in a module of its own is one or two steps. */
const MAX_DEPTH = 24

export interface Values {
  of(expression: Node, module: Module): Value | undefined
  /** The function of the project that an expression is. */
  functionOf(expression: Node, module: Module): { readonly node: Node; readonly module: Module } | undefined
}

export function createValues(modules: Modules): Values {
  const known = new Map<Node, Known | undefined>()
  const exports = new Map<Module, Map<string, Known | undefined>>()

  function evaluate(expression: Node, module: Module, depth: number): Known | undefined {
    const node = strip(expression)
    if (!node || depth > MAX_DEPTH) return undefined
    if (!known.has(node)) {
      // What leads back to itself is not known.
      known.set(node, undefined)
      known.set(node, evaluateNew(node, module, depth + 1))
    }
    return known.get(node)
  }

  function evaluateNew(node: Node, module: Module, depth: number): Known | undefined {
    if (isFunction(node)) return { runs: node, in: module }
    if (node.type === 'Identifier') return ofIdentifier(node, module, depth)
    if (node.type === 'MemberExpression') {
      const name = node.computed ? node.property.value : node.property.name
      return typeof name === 'string' ? member(evaluate(node.object, module, depth), name, depth) : undefined
    }
    if (node.type === 'CallExpression' || node.type === 'NewExpression') return ofCall(node, module, depth)
    if (node.type === 'ImportExpression') return ofLoaded(node, node.source.value, module)
    if (node.type === 'AssignmentExpression') return evaluate(node.right, module, depth)
    if (node.type === 'LogicalExpression') {
      return evaluate(node.left, module, depth) ?? evaluate(node.right, module, depth)
    }
    return undefined
  }

  function ofCall(node: Node, module: Module, depth: number): Known | undefined {
    const callee = strip(node.callee)
    const [argument] = node.arguments
    if (callee.name === 'require' && !module.scopes.variableOf(callee)) return ofLoaded(node, argument?.value, module)
    const of = evaluate(callee, module, depth)
    if (!of) return undefined
    if ('runs' in of) return node.type === 'CallExpression' ? returned(of.runs, of.in, depth) : undefined
    if (!('seed' in of)) return undefined
    const path = node.type === 'NewExpression' ? `new ${of.path}()` : `${of.path}()`
    return { ...of, path, origin: { module, node } }
  }

  /** A function that does nothing else than make it, as in `function createClient() { … return client }`. */
  function returned({ body, async }: Node, module: Module, depth: number): Known | undefined {
    if (body.type !== 'BlockStatement') return evaluate(body, module, depth)
    const returns = body.body.filter(({ type }: Node) => type === 'ReturnStatement')
    return returns.length === 1 && !async ? evaluate(returns[0].argument, module, depth) : undefined
  }

  function ofIdentifier(node: Node, module: Module, depth: number): Known | undefined {
    const variable = module.scopes.variableOf(node)
    if (!variable) return undefined
    const { kind, declaration, writes } = variable
    if (kind === 'function') return writes.length === 0 ? { runs: declaration, in: module } : undefined
    if (kind === 'import') return ofImport(declaration, module, depth)
    if (kind !== 'variable') return undefined
    const values: (Known | undefined)[] = writes.map((write) => write && evaluate(write, module, depth))
    if (declaration.init && !isNothing(declaration.init)) {
      values.push(ofPattern(declaration.id, variable.id, evaluate(declaration.init, module, depth), depth))
    }
    const [first, ...others] = values
    return others.every((other) => isSame(first, other)) ? first : undefined
  }

  function ofImport(specifier: Node, module: Module, depth: number): Known | undefined {
    const { source, importKind } = module.scopes.parentOf(specifier)
    if (importKind === 'type' || specifier.importKind === 'type') return undefined
    const of = ofPackage(source.value, module)
    if (specifier.type === 'ImportNamespaceSpecifier') return of
    const name = specifier.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(specifier.imported)
    return member(of, name, depth)
  }

  /** What a function loads when it is called registers nothing before the first invocation. */
  function ofLoaded(node: Node, specifier: unknown, module: Module): Known | undefined {
    return String(specifier).startsWith('.') && isInFunction(node, module.scopes)
      ? undefined
      : ofPackage(specifier, module)
  }

  function ofPackage(specifier: unknown, module: Module): Known | undefined {
    if (typeof specifier !== 'string') return undefined
    const seed = seedOf(specifier)
    if (seed) return { seed, path: '' }
    const followed = modules.follow(specifier, module)
    return followed && { all: followed }
  }

  function member(of: Known | undefined, name: string, depth: number): Known | undefined {
    if (!of || 'runs' in of || depth > MAX_DEPTH) return undefined
    if ('all' in of) return exported(of.all, name, depth + 1)
    // A default export is the package itself, or the one thing it is for: its methods are the same.
    if (of.path === '') return { ...of, path: name === 'default' ? '' : name }
    return { ...of, path: `${of.path}.${name}` }
  }

  function exported(module: Module, name: string, depth: number): Known | undefined {
    const names = exports.get(module) ?? new Map<string, Known | undefined>()
    exports.set(module, names)
    if (!names.has(name)) {
      names.set(name, undefined)
      names.set(name, findExported(module, name, depth))
    }
    return names.get(name)
  }

  function findExported(module: Module, name: string, depth: number): Known | undefined {
    const found = findExport(module, name)
    if (found && 'value' in found) return evaluate(found.value, module, depth)
    if (found) return member(ofPackage(found.from, module), found.name, depth)
    for (const star of starsOf(module)) {
      const value = member(ofPackage(star, module), name, depth)
      if (value) return value
    }
    return undefined
  }

  /** The part of a value that a pattern gives to a variable. */
  function ofPattern(pattern: Node, id: Node, of: Known | undefined, depth: number): Known | undefined {
    if (pattern === id) return of
    if (pattern.type !== 'ObjectPattern' || !of) return undefined
    for (const { type, key, computed, value } of pattern.properties) {
      if (type !== 'Property' || computed || ![...boundIdentifiers(value)].includes(id)) continue
      const target = value.type === 'AssignmentPattern' ? value.left : value
      return ofPattern(target, id, member(of, nameOf(key), depth), depth)
    }
    return undefined
  }

  return {
    of(expression, module) {
      const value = evaluate(expression, module, 0)
      return value && 'seed' in value ? value : undefined
    },
    functionOf(expression, module) {
      const value = evaluate(expression, module, 0)
      return value && 'runs' in value ? { node: value.runs, module: value.in } : undefined
    },
  }
}

/** What changes nothing about which value it is. */
export function strip(expression: Node): Node {
  const node = unwrap(expression)
  if (node?.type === 'ChainExpression') return strip(node.expression)
  return node?.type === 'AwaitExpression' ? strip(node.argument) : node
}

function isSame(one: Known | undefined, other: Known | undefined): boolean {
  if (!one || !other || !('seed' in one) || !('seed' in other)) return false
  return one.seed === other.seed && one.path === other.path
}

function isNothing(node: Node): boolean {
  const { type, value, name } = strip(node)
  return (type === 'Literal' && value === null) || name === 'undefined'
}

function nameOf(node: Node): string {
  return node.name ?? String(node.value)
}
