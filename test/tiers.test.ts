/**
 * All fixtures as entries of one build with each bundler of tier 1, ten with each of tier 2, with the plugin and
 * without: the exports are the same, calling them gives the same, errors come from the same line and column by the
 * source maps, and the spans that arrive are the same for all.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { tier1, tier2 } from './bundlers/index.ts'
import { ran } from './ran.ts'
import { isBuilt, leftOut } from './tiers/left-out.ts'
import { findLostLines } from './tiers/maps.ts'
import { withoutNames } from './tiers/names.ts'
import { createProjects } from './tiers/project.ts'
import { buildAndInvoke } from './tiers/run.ts'
import { findThrows, throwing } from './tiers/throws.ts'
import { fromText, toText } from './tiers/trace.ts'

const TEN: ReadonlySet<string> = new Set([
  'arrow-const.ts',
  'default-call.ts',
  'function-overloads.ts',
  're-export.ts',
  'specifier-of-function.ts',
  'streamify.ts',
  'cjs-exports.js',
  'cjs-module-exports-object.cjs',
  'object.ts',
  'classes.ts',
  'object-method.ts',
  'schedule.ts',
  'cjs-schedule.js',
  // No fixtures: spans below the root, and a handler two modules away.
  'spans.js',
  'star.js',
])

/** A build takes all entries at once, for each platform those of ES modules and those of CommonJS. */
const projects = createProjects()

const tiers = [
  { bundlers: tier1, amount: 'all', isChosen: () => true },
  { bundlers: tier2, amount: 'ten', isChosen: (file: string) => TEN.has(file) },
]

for (const { bundlers, amount, isChosen } of tiers) {
  describe.each(Object.entries(bundlers))(`%s, ${amount} fixtures`, (name, bundler) => {
    // Of several entries Farm 1.7.11 now and then, with plugins or without, leaves a module where only one finds it.
    const retry = name === 'farm' ? 4 : 0
    test.each(['aws-lambda', 'cloudflare', 'netlify'] as const)(
      '%s: exports, results and errors, spans',
      { retry },
      async (platform) => {
        const builds = projects
          .filter((project) => project.platform === platform)
          .map((project) => ({
            ...project,
            bundler,
            // Stars are not followed with Farm.
            files: project.files.filter(
              (file) => isBuilt(name, file) && isChosen(file) && !(name === 'farm' && file === 'star.js'),
            ),
          }))
        const plain = await buildAndInvoke(builds.map((build) => ({ ...build, isWrapped: false })))
        const wrapped = await buildAndInvoke(builds.map((build) => ({ ...build, isWrapped: true })))
        expect(Object.entries(plain.described).filter(([, described]) => typeof described === 'string')).toEqual([])
        const seen = name === 'esbuild' ? (described: unknown) => described : withoutNames
        expect(seen(wrapped.described)).toEqual(seen(plain.described))
        expect(plain.sections.size).toBe(0)
        if (amount === 'all') {
          for (const [file, at] of Object.entries(findThrows(platform))) {
            expect([file, JSON.stringify(wrapped.described[file])]).toEqual([
              file,
              expect.stringContaining(`"Error: here at ${at}`),
            ])
          }
          for (const [format, mapped] of Object.entries(plain.mapped)) {
            expect(findLostLines(mapped, wrapped.mapped[format]!)).toEqual([])
          }
        }

        const file = path.join(import.meta.dirname, `tiers/${platform}.out.txt`)
        ran(name, 'fixtures', amount)
        // Rollup builds whatever can be built.
        if (name === 'rollup') return expect(toText(wrapped.sections)).toMatchFileSnapshot(file)
        const built = new Set(Object.keys(plain.described))
        const expected = [...fromText(readFileSync(file, 'utf8'))].filter(([fixture]) => built.has(fixture))
        expect(toText(wrapped.sections)).toBe(toText(new Map(expected)))
      },
    )
  })
}

const left = Object.entries(leftOut).flatMap(([bundler, files]) => Object.keys(files).map((file) => [bundler, file]))

test.each(left)('%s still cannot do %s', async (name, file) => {
  const project = projects.find(({ files }) => files.includes(file!))!
  const build = { ...project, bundler: tier1[name!]!, files: [file!], isWrapped: false }
  const described = await buildAndInvoke([build]).then((result) => result.described[file!], String)
  expect(described).toBeTypeOf('string')
})
