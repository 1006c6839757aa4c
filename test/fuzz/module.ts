/** A random module and where it stands: a structured value, so that what fails can be made smaller. */
import * as fc from 'fast-check'
import type { TransformFacts } from '../../src/plugin/emit.ts'
import type { PlatformId } from '../../src/plugin/known-platforms.ts'
import { createFacts, fixturePath } from '../plugin/facts.ts'
import { cjsPart, exportEquals } from './cjs.ts'
import { clauseText, esmPart } from './esm.ts'
import { createPrinter, finishText, type Part } from './printer.ts'

export interface Module {
  readonly code: string
  /** The fixture's name, that the facts follow from. */
  readonly file: string
  readonly platform: PlatformId
  readonly facts: TransformFacts
  /** What `require` gets it by, or `import`. */
  readonly system: 'esm' | 'cjs' | 'export ='
}

/** As fixtures are called: what a name begins with says where in a project the module is. */
const PLACES: Readonly<Partial<Record<PlatformId, readonly string[]>>> = {
  'aws-lambda': ['fuzz'],
  cloudflare: ['fuzz', 'pages-fuzz'],
  netlify: ['fuzz'],
  nextjs: ['route-fuzz', 'api-fuzz', 'proxy-fuzz', 'middleware-fuzz'],
  'google-cloud-functions': ['fuzz'],
  firebase: ['fuzz'],
  'azure-functions': ['fuzz', 'fuzz-legacy'],
}
const SYSTEMS: Readonly<Record<Module['system'], readonly string[]>> = {
  esm: ['ts', 'ts', 'js', 'mjs', 'mts', 'tsx', 'jsx'],
  cjs: ['js', 'js', 'cjs', 'ts', 'cts'],
  'export =': ['ts', 'cts'],
}
const REGISTERS = ['awaited', 'started', 'exported', false] as const
const LINE_ENDS = ['\n', '\n', '\n', '\r\n', '\r', '\u2028', '\u2029'] as const
const HEADS = [
  '',
  '',
  '',
  "'use strict';",
  '"use strict"',
  '/// <reference types="node" />',
  '/** @jsxImportSource preact */',
  '// @ts-nocheck',
  "'use strict' // export\n'use asm'",
  '/* 1 */',
]

const place = fc.constantFrom(...(Object.keys(PLACES) as PlatformId[]), 'aws-lambda', 'cloudflare').chain((platform) =>
  fc.record({
    platform: fc.constant(platform as PlatformId),
    base: fc.constantFrom(...PLACES[platform as PlatformId]!),
  }),
)

/** Those of a module that is written in one of the module systems. */
const written = fc.oneof(
  {
    weight: 6,
    arbitrary: writtenIn(
      'esm',
      esmPart,
      fc.constant(() => ''),
    ),
  },
  {
    weight: 4,
    arbitrary: writtenIn(
      'cjs',
      cjsPart,
      fc.constant(() => ''),
    ),
  },
  { weight: 1, arbitrary: writtenIn('export =', fc.oneof(cjsPart, esmPart), exportEquals) },
)

function writtenIn(system: Module['system'], part: fc.Arbitrary<Part>, last: fc.Arbitrary<Part>) {
  return fc.record({
    system: fc.constant(system),
    extension: fc.constantFrom(...SYSTEMS[system]),
    parts: fc.array(part, { minLength: 1, maxLength: 6 }),
    last,
  })
}

export const module: fc.Arbitrary<Module> = fc
  .record({
    place,
    written,
    register: fc.constantFrom(...REGISTERS),
    defaultAs: fc.constantFrom('specifier' as const, 'specifier' as const, 'statement' as const),
    target: fc.constantFrom('node' as const, 'edge' as const),
    head: fc.constantFrom(...HEADS),
    hashbang: fc.constantFrom('', '', '', '#!/usr/bin/env node export {}'),
    byteOrderMark: fc.constantFrom('', '', '', '', '\uFEFF'),
    lineEnd: fc.constantFrom(...LINE_ENDS),
    last: fc.constantFrom('\n', '', '// export const handler', '/* } */', '\n\n'),
    clauseFirst: fc.boolean(),
  })
  .map(({ place, written, register, defaultAs, target, head, hashbang, byteOrderMark, lineEnd, last, clauseFirst }) => {
    const { system, extension } = written
    const isTyped = /ts/.test(extension)
    const printer = createPrinter()
    const body = written.parts.map((part) => part(printer))
    body.push(written.last(printer))
    const clause = system === 'esm' ? clauseText(printer) : ''
    // Behind a byte order mark it is no hashbang.
    const lines = [
      byteOrderMark ? '' : hashbang,
      head,
      ...(clauseFirst ? [clause, ...body] : [...body, clause]),
    ].filter((line) => line !== '')
    // Nothing else says that it is one.
    if (system === 'esm' && !/^(import|export)\b/m.test(finishText(lines.join('\n'), isTyped))) lines.push('export {}')
    const code =
      byteOrderMark + finishText(lines.join('\n'), isTyped).replaceAll('\n', lineEnd) + last.replaceAll('\n', lineEnd)
    const { platform, base } = place
    const file = `${base}.${extension}`
    const facts = { ...createFacts(fixturePath(platform, file), {}, platform), defaultAs, target }
    return { code, file, platform, system, facts: { ...facts, register: facts.register ? register : false } }
  })
