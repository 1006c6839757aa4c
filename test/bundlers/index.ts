/** The bundlers of the family. */
import type { Bundler } from './build.ts'
import { esbuild } from './esbuild.ts'
import { bun, farm } from './processes.ts'
import { rolldown, rollup } from './rollup.ts'
import { viteBuild } from './vite.ts'
import { rspack, webpack } from './webpack.ts'

export type { Build } from './build.ts'

/** Every fixture is built and invoked. */
export const tier1: Readonly<Record<string, Bundler>> = { esbuild, vite: viteBuild, rollup, webpack }

/** Ten are. */
export const tier2: Readonly<Record<string, Bundler>> = {
  rolldown,
  rspack,
  farm,
  // Its binary for Linux on x64 is what the project's lockfile brings here.
  ...(process.platform === 'linux' && process.arch === 'x64' && { bun }),
}
