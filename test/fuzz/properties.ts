/** What holds for every module, whatever the transform makes of it. */
import { TraceMap, originalPositionFor } from '@jridgewell/trace-mapping'
import { parseSync } from 'oxc-parser'
import { isDeepStrictEqual, inspect } from 'node:util'
import { parse } from '../../src/plugin/parse.ts'
import { transform, type TransformResult } from '../../src/plugin/transform.ts'
import { fixtureReExports } from '../plugin/facts.ts'
import { evaluate, toJavaScript, type Seen } from './evaluate.ts'
import type { Module } from './module.ts'

/** `invalid`: esbuild builds none of it, with us or without. */
export type Fate = 'wrapped' | 'left' | 'invalid'

/** @throws with what does not hold */
export async function check(module: Module): Promise<Fate> {
  const { code, facts, file } = module
  const result = transform(code, facts, fixtureReExports)
  const { output } = result
  if ((await toJavaScript(code, file, 'cjs')) === undefined) return 'invalid'
  if (!output) {
    holds(result.wrapped.length === 0, 'nothing is reported as wrapped where nothing is changed')
    return 'left'
  }
  const again = transform(output.code, facts, fixtureReExports)
  holds(!again.output && again.nearMisses.length === 0, 'the second pass is the identity')
  checkParses(output.code, file)
  checkMap(facts.path, code, result)
  await checkEvaluation(module, result, output.code)
  return 'wrapped'
}

/** As the transform reads it: JSX in `.js`, CommonJS with a `return`. */
function checkParses(code: string, file: string): void {
  const readings = /\.[cm]?js$/.test(file) ? ([{}, { lang: 'jsx' }, { sourceType: 'commonjs' }] as const) : [{}]
  const errors = readings.map((options) => parseSync(file, code, options).errors)
  holds(
    errors.some(({ length }) => length === 0),
    'oxc parses the output',
    errors[0],
  )
}

/** Words that each version has once. */
const LABEL = /\bL\d+x\b/g

function checkMap(path: string, code: string, { output }: TransformResult): void {
  const map = new TraceMap(JSON.parse(output!.map.toString()))
  holds(map.sourcesContent?.[0] === code, 'the map has the source')
  for (const { 0: label, index } of output!.code.matchAll(LABEL)) {
    const at = positionOf(output!.code, index)
    const { line, column } = originalPositionFor(map, at)
    holds(
      isDeepStrictEqual({ line, column }, positionOf(code, code.indexOf(label))),
      'each token maps to where it was',
      { label, at, line, column },
    )
  }
  const kept = new Set(output!.code.match(LABEL))
  const { comments } = parse(path, code)
  // What wraps a clause anew drops the comments in it, and no more.
  for (const { 0: label, index } of code.matchAll(LABEL)) {
    const isComment = comments.some(({ start, end }) => start < index && index < end)
    if (!kept.has(label)) holds(isComment, 'the code of the user is there', label)
  }
}

/** As source maps count: lines from 1, columns from 0. */
function positionOf(code: string, index: number): { line: number; column: number } {
  const before = code.slice(0, index).split('\n')
  return { line: before.length, column: before.at(-1)!.length }
}

async function checkEvaluation(module: Module, { wrapped }: TransformResult, output: string): Promise<void> {
  const { code, file, facts } = module
  const isEsm = module.system === 'esm'
  // What was written in neither module system is an ES module now, and not run here.
  if (module.system === 'cjs' && /^import \{/m.test(output)) return
  for (const system of isEsm ? (['esm', 'cjs'] as const) : (['cjs'] as const)) {
    // What awaits at its top level has no CommonJS.
    if (system === 'cjs' && isEsm && facts.register === 'awaited') continue
    const [before, after] = await Promise.all([toJavaScript(code, file, system), toJavaScript(output, file, system)])
    if (before === undefined) continue
    holds(after !== undefined, 'esbuild builds the output', { system })
    const [was, is] = [await evaluate(before, system), await evaluate(after!, system)]
    checkSame(was, is, system, isEsm && facts.register === 'exported')
    holds(was.calls.size === 0, 'nothing is wrapped without us')
    // What is wrapped inside of it is called by nobody, if it is another one by then.
    checkWrapped(is, wrapped, facts.members !== undefined || facts.inside !== undefined)
  }
}

function checkSame(was: Seen, is: Seen, system: string, mayHaveThen: boolean): void {
  const about = { system }
  same(is.loading, was.loading, 'it does the same while it is loaded', about)
  const names = mayHaveThen && !was.names.includes('then') ? is.names.filter((name) => name !== 'then') : is.names
  same(names, was.names, 'the exported names are the same', about)
  for (const [name, value] of Object.entries(was.values)) same(is.values[name], value, `${name} is the same`, about)
}

/** What is reported as wrapped is, and nothing else. */
function checkWrapped({ calls, callable }: Seen, wrapped: TransformResult['wrapped'], areMembers: boolean): void {
  const reported = new Set<string>()
  for (const { name, kind } of wrapped) {
    const [, names] = /^\w+: each of (.*) that is a function$/.exec(kind) ?? []
    for (const each of names?.split(', ') ?? [name]) reported.add(each)
  }
  for (const name of reported) {
    if (!areMembers && callable.has(name))
      holds(
        [...calls].some((each) => each === name || each.startsWith(`${name}.`)),
        'what is reported as wrapped is called by its wrapper',
        name,
      )
  }
  for (const name of calls)
    holds(reported.has(name) || reported.has(name.replace(/\.[^.]*$/, '')), 'what is wrapped is reported', name)
}

function same(is: unknown, was: unknown, what: string, about: object): void {
  holds(isDeepStrictEqual(is, was), what, { ...about, was, is })
}

function holds(condition: boolean, what: string, details?: unknown): asserts condition {
  if (!condition)
    throw new Error(details === undefined ? what : `${what}: ${inspect(details, { depth: 8, breakLength: 120 })}`)
}
