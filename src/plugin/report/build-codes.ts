/** What a build says. */
import type { Explained } from './codes.ts'

export const buildCodes = {
  UO100: {
    title: 'An export is left alone, as asked',
    cause: '`/* otel:ignore */` stands before it.',
    remedy: 'Nothing, or take the comment away.',
  },
  UO101: {
    title: 'Nothing is wrapped',
    cause:
      'The entries of the build have no export that the platform calls. The three usual reasons: the handlers have other names; the modules of the handlers are not entries of this build; the platform is another one. Entries that come from a function or stdin are not told to plugins, so that nobody looks into them.',
    remedy:
      "Name the exports with `handlers: ['…']`, the modules with `include: ['…']`, or the platform with `platform: '…'`.",
  },
  UO102: {
    title: 'No platform is found',
    cause: 'Neither the bundler nor a deploy file, a dependency or a variable of CI names one.',
    remedy: "Set `platform: '…'` in `otel()`.",
  },
  UO103: {
    title: 'The build is for browsers',
    cause: 'Functions do not run in browsers, so nothing is wrapped there.',
    remedy:
      'Put the plugin into the build of the functions, or tell the bundler that it is for a server: `platform: "node"` (esbuild), `target: "node"` (webpack, Rspack, Bun), `vite build --ssr src/handler.ts`, `targetEnv: "node"` (Farm).',
  },
  UO104: {
    title: 'Off under a test runner',
    cause: '`VITEST` or `JEST_WORKER_ID` is set, and `enabled` is not: tests see the code as it was written.',
    remedy: 'Set `enabled: true` to test what is deployed.',
  },
  UO105: {
    title: 'Several platforms are named',
    cause: 'Signals of equal strength name more than one platform; the first was taken.',
    remedy: "Set `platform: '…'`.",
  },
  UO106: {
    title: 'The platform set is not the one that the project names',
    cause: 'Nothing is wrapped, `platform` is set, and the project says that it is deployed elsewhere.',
    remedy: 'Take `platform` away, or set the other one.',
  },
  UO107: {
    title: 'A function is exported, but not as a handler',
    cause:
      'Its name is none that the platform calls. Beside a handler that is wrapped it is a note, unless the name is close to one that is looked for.',
    remedy: "Rename it, or name it with `handlers: ['…']`. `/* otel:ignore */` before the export silences this.",
  },
  UO108: {
    title: 'An export cannot be wrapped',
    cause: 'It has the name of a handler, and what is exported is not known to be a function, or not in this form.',
    remedy:
      'Export a function by that name. What happens inside can be traced by hand with `traced()` of `unplugin-otel/runtime`. `/* otel:ignore */` before the export silences this.',
  },
  UO109: {
    title: '`export *` is not followed',
    cause:
      'What it brings is not known: it leads to no file, to CommonJS, too far away, or the bundler does not resolve for us.',
    remedy: "Export the handlers by name: `export { handler } from './app'`.",
  },
  UO110: {
    title: 'A module is not read',
    cause:
      'It cannot be parsed, is not in UTF-8, or is larger or deeper than what people write. Nothing in it is wrapped.',
    remedy: "Correct it, or leave it out with `exclude: ['…']`.",
  },
  UO111: {
    title: 'There is no AsyncLocalStorage',
    cause: 'The Worker runs without it, so a span finds its parent only up to the first `await`.',
    remedy: 'Add `"nodejs_als"` to `compatibility_flags`, or set a compatibility date from 2026-08-04.',
  },
  UO112: {
    title: 'A handler is assigned to `exports` in an ES module',
    cause:
      'The module has `import` or `export`, so bundlers take it for an ES module: what it assigns to `exports` is exported to nobody.',
    remedy: 'Use `export`, or `require` in the place of `import`.',
  },
  UO113: {
    title: 'No module imports what registers handlers',
    cause:
      'Handlers of this platform are wrapped where they are registered, and no module of the build imports the package that does.',
    remedy: 'Bundle the modules that register handlers, or name the platform with `platform`.',
  },
  UO114: {
    title: 'An entry was built with unplugin-otel before',
    cause:
      'It has our runtime in it already, and is left as it is. What was added at its end may not survive a second build.',
    remedy: 'Use the plugin in one of the two builds: the last one.',
  },
  UO115: {
    title: 'The deploy tool bundles again',
    cause:
      'Its configuration says that it bundles what this build made; what is said here is then not what is deployed.',
    remedy: 'Put the plugin into its bundler, or turn its bundling off.',
  },
  UO116: {
    title: 'Callers wait for the flush, or nobody does',
    cause:
      'The output leaves no better way: its format or target cannot await at the top level, or an option asks for it.',
    remedy: 'What the message says.',
  },
  UO117: {
    title: 'Hand-written telemetry that is not needed any more',
    cause: 'What it does is done by the plugin. It is harmless to leave.',
    remedy: '`npx unplugin-otel migrate` shows what can go.',
  },
  UO118: {
    title: 'What registers handlers is external',
    cause:
      'In ES modules Bun cannot write what stands in for a package that stays outside: its handlers are not wrapped.',
    remedy: "Set `format: 'cjs'`, or bundle the package.",
  },
  UO120: {
    title: 'An entry chunk does not have the runtime',
    cause: 'Its handlers were wrapped, and the output does not contain what wraps them: a later step took it away.',
    remedy: 'Put the plugin first, and look for what removes or replaces code after it.',
  },
  UO121: {
    title: 'Node code is in an edge chunk',
    cause: 'The target is an edge runtime, and our runtime for Node is in the output.',
    remedy: "Set `target: 'node'` if it runs on Node; else find what imports it.",
  },
  UO122: {
    title: 'Our runtime is in a client chunk',
    cause:
      'A module of the browser imports wrapped handlers, or a part of the runtime that wraps them. The manual API, `unplugin-otel/runtime`, may be there.',
    remedy: 'Keep handlers out of client modules.',
  },
  UO123: {
    title: 'The runtime is external',
    cause:
      'The output imports our runtime, which it should contain: at run time nothing of ours needs to be in `node_modules`.',
    remedy:
      'Take `unplugin-otel` out of what the bundler keeps outside, put the plugin before others that do, and let esbuild bundle (`bundle: true`).',
  },
  UO124: {
    title: 'There are two copies of @opentelemetry/api',
    cause: 'The output contains one and imports another, or has two: spans of the one may be unknown to the other.',
    remedy:
      'Take `@opentelemetry/api` out of what the bundler keeps outside, or out of its aliases, so that the build makes them one. A package that contains a copy of its own may have a build that imports it.',
  },
  UO130: {
    title: 'An option is not known',
    cause: 'It is misspelled, or from another tool.',
    remedy: 'The message names the closest one, or all of them.',
  },
  UO131: {
    title: 'An option has a wrong value',
    cause: 'The value is not one of those that the message names.',
    remedy: 'Correct it.',
  },
  UO132: {
    title: '`otel()` takes one object',
    cause: 'It was given something else.',
    remedy: '`otel()` or `otel({ … })`.',
  },
  UO140: {
    title: 'The plugin is in no configuration',
    cause: 'No file of the project that configures a bundler mentions `unplugin-otel`.',
    remedy: 'Add the line that the message shows.',
  },
  UO141: {
    title: '@opentelemetry/api is not installed beside unplugin-otel',
    cause: 'It is a dependency of ours, so the installation is not complete.',
    remedy: 'Install again.',
  },
  UO150: {
    title: 'The configuration file is not there',
    cause: '`configFile` names a file that does not exist; its path begins at the project root.',
    remedy: 'Correct the path. Without the option the nearest `otel.config.ts` is taken.',
  },
  UO151: {
    title: 'A key of `otel.config.ts` is not known',
    cause: 'It is misspelled, or an option of the plugin, which belongs into `otel()`.',
    remedy: 'The message names the closest one, or all of them.',
  },
  UO152: {
    title: '`otel.config.ts` has no default export',
    cause: 'The module of functions is imported by its default export.',
    remedy: '`export default defineConfig({ … })`, with `defineConfig` of `unplugin-otel/config`.',
  },
} as const satisfies Record<string, Explained>
