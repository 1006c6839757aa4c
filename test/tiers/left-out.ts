/** Fixtures that a bundler cannot build, or whose output Node cannot load, with the plugin or without it. */

export interface LeftOut {
  /** There is no such thing, it cannot be had on this machine, or whoever makes it has been told. */
  readonly because: 'no such feature' | 'not to be had here' | 'upstream'
  /** `upstream`: the address of the issue. */
  readonly why: string
}

const upstream = (why: string): LeftOut => ({ because: 'upstream', why })

export const leftOut: Readonly<Record<string, Readonly<Record<string, LeftOut>>>> = {
  // Import attributes that it does not know are for external modules.
  esbuild: { 're-export-default.ts': upstream('https://github.com/evanw/esbuild/issues/4093') },
  vite: {
    'cjs-html-comment.js': { because: 'no such feature', why: 'Rolldown reads every file as a module first' },
  },
  // `module.exports` is undefined in a module that has an `import`.
  webpack: {
    'cjs-in-esm.js': upstream('https://github.com/webpack/webpack/issues/4039'),
    'ts-export-assignment-import.ts': upstream('https://github.com/webpack/webpack/issues/4039'),
  },
}

const leftOutByAll: Readonly<Record<string, string>> = {
  'syntax-error.ts': 'it is one',
  'var-and-function.mjs': 'a syntax error, which only esbuild lets pass',
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
