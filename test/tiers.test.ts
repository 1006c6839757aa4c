/**
 * All fixtures as entries of one build with each bundler of tier 1, ten with each of tier 2, with the plugin and
 * without: the exports are the same, calling them gives the same, errors come from the same line and column by the
 * source maps, and the spans that arrive are the same for all.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, test } from 'vitest'
import { tier1, tier2 } from './bundlers/index.ts'
import { ran, ranFixtures } from './ran.ts'
import { isBuilt, leftOut } from './tiers/left-out.ts'
import { findLostLines } from './tiers/maps.ts'
import { comparable } from './tiers/names.ts'
import { createProjects } from './tiers/project.ts'
import { buildAndInvoke, type Built } from './tiers/run.ts'
import { findThrows } from './tiers/throws.ts'
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

const platforms = ['aws-lambda', 'cloudflare', 'netlify', 'nextjs'] as const

const tiers = [
  { bundlers: tier1, amount: 'all', platforms, isChosen: () => true },
  {
    bundlers: tier2,
    amount: 'ten',
    platforms: ['aws-lambda', 'cloudflare', 'netlify'],
    isChosen: (file: string) => TEN.has(file),
  },
] as const

for (const { bundlers, amount, platforms, isChosen } of tiers) {
  describe.each(Object.entries(bundlers))(`%s, ${amount} fixtures`, (name, bundler) => {
    // Of several entries Farm 1.7.11 now and then, with plugins or without, leaves a module where only one finds it.
    const retry = name === 'farm' ? 4 : 0
    test.each(platforms)('%s: exports, results and errors, spans', { retry }, async (platform) => {
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
        .filter(({ files }) => files.length > 0)
      const plain = await buildAndInvokeAll(builds.map((build) => ({ ...build, isWrapped: false })))
      const wrapped = await buildAndInvokeAll(builds.map((build) => ({ ...build, isWrapped: true })))
      const [before, after] = [comparable(name, plain.described), comparable(name, wrapped.described)]
      const file = path.join(import.meta.dirname, `tiers/${platform}.out.txt`)
      const expected = fromText(existsSync(file) ? readFileSync(file, 'utf8') : '')
      if (amount === 'all') {
        const passed = Object.keys(plain.described).filter(
          (fixture) =>
            typeof plain.described[fixture] === 'object' &&
            isDeepStrictEqual(after[fixture], before[fixture]) &&
            wrapped.sections.get(fixture) === expected.get(fixture),
        )
        ranFixtures(name, platform, passed)
      }

      expect(Object.entries(plain.described).filter(([, described]) => typeof described === 'string')).toEqual([])
      expect(after).toEqual(before)
      expect(plain.sections.size).toBe(0)
      if (amount === 'all') {
        for (const [fixture, at] of Object.entries(findThrows(platform))) {
          const thrown = expect.stringContaining(`"Error: here at ${at}`)
          expect([fixture, JSON.stringify(wrapped.described[fixture])]).toEqual([fixture, thrown])
        }
        expect(plain.mapped.flatMap((mapped, index) => findLostLines(mapped, wrapped.mapped[index]!))).toEqual([])
      }

      ran(name, 'fixtures', amount)
      // Rollup builds whatever can be built.
      if (name === 'rollup') return expect(toText(wrapped.sections)).toMatchFileSnapshot(file)
      const built = [...expected].filter(([fixture]) => fixture in plain.described)
      expect(toText(wrapped.sections)).toBe(toText(new Map(built)))
    })
  })
}

async function buildAndInvokeAll(builds: readonly Built[]) {
  const results = []
  for (const build of builds) results.push(await buildAndInvoke(build))
  return {
    described: Object.assign({}, ...results.map(({ described }) => described)) as Record<string, unknown>,
    mapped: results.map(({ mapped }) => mapped),
    sections: new Map(results.flatMap(({ sections }) => [...sections])),
  }
}

const left = Object.entries(leftOut).flatMap(([bundler, files]) => Object.keys(files).map((file) => [bundler, file]))

test.each(left)('%s still cannot do %s', async (name, file) => {
  const project = projects.find(({ files }) => files.includes(file!))!
  const build = { ...project, bundler: tier1[name!]!, files: [file!], isWrapped: false }
  const described = await buildAndInvoke(build).then((result) => result.described[file!], String)
  expect(described).toBeTypeOf('string')
})
