/** Fixtures that a bundler cannot build, or whose output Node cannot load, with the plugin or without it. */

const DECORATORS = 'Oxc leaves decorators that are not legacy ones as they are, and Node has none'

export const leftOut: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  esbuild: { 're-export-default.ts': "knows no import attribute `type: 'js'`" },
  vite: {
    'jsx-in-js.js': 'reads JSX in .jsx and .tsx only',
    'cjs-html-comment.js': 'reads CommonJS as if it were an ES module',
    'decorated-class-beside-handler.ts': DECORATORS,
    'using.mts': 'Oxc makes a call of `using`, to a package that is not there',
    'utilities.ts': DECORATORS,
    'decorators.ts': DECORATORS,
  },
  webpack: {
    'cjs-in-esm.js': '`module.exports` is undefined in a module that has an `import`',
    'ts-export-assignment-import.ts': 'nor can it be assigned there',
  },
}

const leftOutByAll: Readonly<Record<string, string>> = {
  'syntax-error.ts': 'it is one',
  'decorated-default.ts': 'esbuild names it "", where it is `default`',
  'service-worker-events.js': 'a script: test/service-worker.test.ts has all bundlers build one',
  'service-worker-imported.ts': 'a script, too',
  'pages-re-export.ts': 'only Wrangler reads `assets:`',
  'runtime-imported.ts': 'imports `log`, which unplugin-otel/runtime does not have yet',
}

/** Which of the fixtures of one bundler are built. */
export function isBuilt(bundler: string, file: string): boolean {
  return !(file in leftOutByAll) && !(file in (leftOut[bundler] ?? {}))
}
