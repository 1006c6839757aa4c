import { readFileSync } from 'node:fs'
import { defineConfig } from 'tsdown'
import { captureNatives } from './tools/captured.ts'
import { writeBytes } from './tools/measure-bytes.ts'
import { slimSdk } from './tools/slim-sdk.ts'

const version = (path: string): string => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')).version

let built = 0
/** Of the runtime and the plugin, in whichever order. */
const measure = async (): Promise<void> => void (++built % 2 === 0 && (await writeBytes()))

/** Two worlds, two builds: nothing can end up in a chunk of both. */
export default defineConfig([
  {
    name: 'runtime',
    entry: {
      'runtime/index': 'src/runtime/index.ts',
      'runtime/define-config': 'src/runtime/define-config.ts',
      'runtime/node': 'src/runtime/node.ts',
      'runtime/edge': 'src/runtime/edge.ts',
      'runtime/commonjs': 'src/runtime/commonjs.ts',
      'runtime/edge-dev': 'src/runtime/edge-dev.ts',
      'runtime/features/*': 'src/runtime/features/*.ts',
      'runtime/*': ['src/runtime/platforms/*.ts', '!src/runtime/platforms/nextjs.ts'],
      // Apart from `wrapHandler`: define-platform.ts.
      'runtime/nextjs': 'src/runtime/by-hand/nextjs.ts',
      'runtime/kinds/nextjs': 'src/runtime/platforms/nextjs.ts',
      'runtime/hosts/*': 'src/runtime/hosts/*.ts',
      'runtime/context/*': ['src/runtime/context/*.ts', '!src/runtime/context/*.d.ts'],
      'runtime/encoding/*': 'src/runtime/encoding/*.ts',
      'runtime/installers/*': ['src/runtime/installers/**/*.ts', '!src/runtime/installers/**/*.d.ts'],
    },
    tsconfig: 'src/tsconfig.runtime.json',
    outputOptions: { chunkFileNames: 'runtime/chunks/[name]-[hash].js' },
    platform: 'neutral',
    target: 'es2022',
    plugins: [slimSdk(), captureNatives()],
    // What a user's minifier does not do: constants of other modules, and functions with one caller, in their place.
    inputOptions: { optimization: { inlineConst: true } },
    // Names and lines stay, for who reads a bundle or a stack.
    minify: { compress: { joinVars: false, sequences: false }, mangle: false, codegen: { removeWhitespace: false } },
    dts: true,
    outDir: 'dist',
    clean: ['dist/runtime'],
    hooks: { 'build:done': measure },
    define: {
      __VERSION__: JSON.stringify(version('./package.json')),
    },
    // The SDK is compiled in: a bundled function finds nothing of ours in node_modules at run time.
    deps: {
      neverBundle: [
        '@opentelemetry/api',
        'node:async_hooks',
        '@google-cloud/functions-framework',
        /^firebase-functions/,
        '@azure/functions',
      ],
      alwaysBundle: [/^@opentelemetry\/(?!api$)/],
      onlyBundle: [
        '@opentelemetry/core',
        '@opentelemetry/otlp-transformer',
        '@opentelemetry/resources',
        '@opentelemetry/sdk-trace',
        '@opentelemetry/semantic-conventions',
      ],
    },
  },
  {
    name: 'plugin',
    entry: {
      'plugin/index': 'src/plugin/index.ts',
      'plugin/esbuild': 'src/plugin/esbuild.ts',
      'plugin/sst': 'src/plugin/sst.ts',
      'plugin/vite': 'src/plugin/vite.ts',
      'plugin/rspack': 'src/plugin/rspack.ts',
      'plugin/bun': 'src/plugin/bun.ts',
      'plugin/farm': 'src/plugin/farm.ts',
      'plugin/webpack': 'src/plugin/webpack.ts',
      'plugin/rolldown': 'src/plugin/rolldown.ts',
      'plugin/rollup': 'src/plugin/rollup.ts',
      'plugin/next': 'src/plugin/next.ts',
      'plugin/turbopack': 'src/plugin/turbopack.ts',
    },
    tsconfig: 'src/tsconfig.plugin.json',
    outputOptions: { chunkFileNames: 'plugin/[name]-[hash].js' },
    fixedExtension: false,
    platform: 'node',
    target: 'node20.19',
    dts: true,
    outDir: 'dist',
    clean: ['dist/plugin'],
    hooks: { 'build:done': measure },
    define: { __VERSION__: JSON.stringify(version('./package.json')) },
    deps: { neverBundle: ['esbuild', 'vite'] },
  },
  {
    name: 'loader',
    entry: { loader: 'src/plugin/loader.cts' },
    format: 'cjs',
    tsconfig: 'src/tsconfig.plugin.json',
    platform: 'node',
    target: 'node20.19',
    dts: false,
    outDir: 'dist/plugin',
    clean: false,
    deps: { neverBundle: ['./turbopack.js'] },
  },
  {
    name: 'cli',
    entry: { 'cli/index': 'src/cli/index.ts' },
    tsconfig: 'src/tsconfig.plugin.json',
    outputOptions: { chunkFileNames: 'cli/[name]-[hash].js' },
    fixedExtension: false,
    platform: 'node',
    target: 'node20.19',
    dts: false,
    outDir: 'dist',
    clean: ['dist/cli'],
    define: { __VERSION__: JSON.stringify(version('./package.json')) },
  },
])
