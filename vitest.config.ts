import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const version: string = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')).version

export default defineConfig({
  define: { __VERSION__: JSON.stringify(version) },
  test: {
    // Bundles have the commit that they are built of, and sizes are compared.
    env: { GITHUB_SHA: '0a1b2c3d4e5f60718293a4b5c6d7e8f901234567' },
    projects: [
      /** Source and harness, no build needed. */
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/{cli,plugin,runtime,harness}/**/*.test.ts'],
          testTimeout: 20_000,
          maxWorkers: 2,
        },
      },
      /** What `npm run build` made, in the platforms' own runtimes. One file at a time: freezes and timings share two cores. */
      {
        extends: true,
        test: { name: 'built', include: ['test/*.test.ts'], testTimeout: 120_000, fileParallelism: false },
      },
      /** Projects that a user could start from, by tools/playgrounds.ts. */
      {
        extends: true,
        test: {
          name: 'playgrounds',
          include: ['playgrounds/*/spec.{ts,mts}'],
          testTimeout: 900_000,
          fileParallelism: false,
        },
      },
      /** On demand, by tools/soak.ts. */
      {
        extends: true,
        test: { name: 'soak', include: ['test/soak/*.test.ts'], testTimeout: 120_000, fileParallelism: false },
      },
    ],
  },
})
