/**
 * Every shape that an export of a handler has in public code, and the fixtures that show it: those that are wrapped,
 * and those that must not be touched. `npm run table:rows` prints what passed with which bundler.
 */
export interface Row {
  readonly shape: string
  /** `platform/file`, below test/fixtures. */
  readonly wrapped?: readonly string[]
  readonly untouched?: readonly string[]
  /** The test that runs the shape as its platform does: its fixtures alone do nothing. */
  readonly by?: string
}

const lambda = (...files: string[]) => files.map((file) => `aws-lambda/${file}`)
const worker = (...files: string[]) => files.map((file) => `cloudflare/${file}`)
const netlify = (...files: string[]) => files.map((file) => `netlify/${file}`)
const next = (...files: string[]) => files.map((file) => `nextjs/${file}`)

/** By number; a row without a fixture has none yet. */
export const rows: Readonly<Record<number, Row>> = {
  1: { shape: 'arrow in a const', wrapped: [...lambda('arrow-const.ts'), ...next('route-const.ts')] },
  2: {
    shape: 'const with a type',
    wrapped: [...lambda('arrow-const.ts', 'type-specifiers.ts'), ...next('route-types.ts')],
  },
  3: { shape: 'function expression', wrapped: [...lambda('function-expression.ts'), ...next('route-const.ts')] },
  4: {
    shape: 'function declaration, also used above it',
    wrapped: [...lambda('function-declaration.ts', 'function-used-above.ts'), ...next('route-used-above.ts')],
  },
  5: { shape: 'overloads', wrapped: [...lambda('function-overloads.ts'), ...next('route-overloads.ts')] },
  6: { shape: 'generator', wrapped: lambda('generator.ts', 'default-anonymous-generator.ts') },
  7: { shape: 'default function with a name that is used', wrapped: lambda('default-named-function.ts') },
  8: {
    shape: 'default function without a name',
    wrapped: [...lambda('default-anonymous-function.ts'), ...next('proxy-default.ts')],
  },
  9: { shape: 'default arrow', wrapped: lambda('default-arrow.ts', 'default-arrow-before-parenthesis.ts') },
  10: { shape: 'default identifier', wrapped: [...lambda('default-identifier.ts'), ...next('api-identifier.ts')] },
  11: { shape: 'default object of handlers', wrapped: worker('object.ts', 'spread.ts', 'named-object.ts') },
  12: { shape: 'default class without a name', wrapped: worker('classes.ts') },
  13: { shape: 'default class that its file uses', wrapped: worker('named-default-class.ts') },
  14: { shape: 'default call', wrapped: [...lambda('default-call.ts'), ...next('middleware-call.ts')] },
  15: { shape: 'default instance with private members', wrapped: worker('instance.ts', 'chain.ts') },
  16: {
    shape: 'default app of a framework',
    wrapped: [...lambda('function-with-properties.ts'), ...worker('call.ts')],
  },
  17: {
    shape: 'default with satisfies, as, <T>, !',
    wrapped: [
      ...lambda('default-satisfies.ts', 'default-as.ts', 'default-angle-bracket.ts', 'default-non-null.ts'),
      ...worker('object.ts', 'angle-bracket.ts'),
    ],
  },
  18: {
    shape: 'specifier, renamed or twice',
    wrapped: [...lambda('specifier.ts', 'specifier-renamed.ts'), ...next('route-specifier.ts')],
  },
  19: { shape: 'specifier as default', wrapped: [...worker('identifier.ts'), ...next('api-specifier.ts')] },
  20: { shape: 'specifier as a string', wrapped: lambda('specifier-string-name.ts') },
  21: { shape: 're-export by name', wrapped: [...lambda('re-export.ts'), ...next('route-re-export.ts')] },
  22: { shape: 're-export of a default', wrapped: [...lambda('re-export-default.ts'), ...next('api-re-export.ts')] },
  23: { shape: 're-export of all', wrapped: [...lambda('re-export-star.ts'), ...next('route-star.ts')] },
  24: { shape: 're-export of a namespace', untouched: lambda('re-export-namespace.ts') },
  25: { shape: 'destructured', wrapped: [...lambda('destructured.ts'), ...next('route-destructured.ts')] },
  26: {
    shape: 'destructured, some of it no handler',
    wrapped: [...lambda('destructured-beside-handler.ts'), ...next('route-destructured-config.ts')],
  },
  27: {
    shape: 'one of several declarators',
    wrapped: [...lambda('several-declarators.ts'), ...next('route-mixed-declaration.ts', 'route-declarator-list.ts')],
  },
  28: {
    shape: 're-assigned let',
    wrapped: lambda(
      'let-reassigned-at-top-level.ts',
      'let-reassigned-by-a-function.ts',
      'late-assignments.ts',
      'late-specifier.ts',
    ),
  },
  29: { shape: 'two names of one function', wrapped: next('route-alias.ts') },
  30: {
    shape: 'higher-order function, middy',
    wrapped: [...lambda('higher-order.ts', 'middy.ts'), ...next('api-wrapped.ts')],
  },
  31: { shape: 'streaming Lambda', wrapped: lambda('streamify.ts') },
  32: { shape: 'conditional expression', wrapped: lambda('conditional.ts') },
  33: { shape: 'bound method', wrapped: [...lambda('bound.ts'), ...next('route-bound.ts')] },
  34: { shape: 'callback', wrapped: lambda('callback.ts') },
  35: { shape: 'several handlers', wrapped: lambda('several-handlers.ts') },
  36: { shape: 'exports.handler =', wrapped: lambda('cjs-exports.js', 'cjs-module-exports-property.js') },
  37: {
    shape: 'module.exports =',
    wrapped: [
      ...lambda('cjs-module-exports-function.cjs', 'cjs-module-exports-object.cjs'),
      ...next('api-commonjs.js'),
    ],
  },
  38: { shape: 'CommonJS made by tsc', wrapped: lambda('cjs-tsc.js') },
  39: { shape: 'imports and module.exports in one file', untouched: lambda('cjs-in-esm.js') },
  40: { shape: 'export = x', wrapped: lambda('ts-export-assignment.ts', 'ts-export-assignment-import.ts') },
  41: {
    shape: 'types, enums and namespaces beside',
    wrapped: [...lambda('types-beside-handler.ts'), ...next('route-types.ts')],
  },
  42: { shape: 'type specifiers beside', wrapped: lambda('type-specifiers.ts', 'specifier-mixed-clause.ts') },
  43: {
    shape: 'static configuration beside',
    wrapped: [...lambda('configuration.ts'), ...next('route-segment-config.ts', 'api-config.ts', 'proxy-named.ts')],
  },
  44: {
    shape: 'directives',
    wrapped: [...lambda('shebang-and-directive.mjs', 'function-directives.ts'), ...next('route-directives.ts')],
    untouched: next('route-use-server.ts', 'route-use-cache.ts', 'api-use-client.tsx'),
  },
  45: { shape: 'shebang', wrapped: lambda('shebang-and-directive.mjs') },
  46: { shape: 'top-level await', wrapped: lambda('top-level-await.mjs') },
  47: {
    shape: 'JSX',
    wrapped: [...lambda('jsx.jsx', 'tsx.tsx', 'jsx-in-js.js'), ...next('api-jsx.tsx', 'api-jsx-in-js.js')],
  },
  48: {
    shape: 'decorators',
    wrapped: [...lambda('decorated-class-beside-handler.ts'), ...worker('decorators.ts', 'utilities.ts')],
  },
  49: { shape: 'class and its subclass', wrapped: worker('subclasses.ts') },
  50: { shape: 'class made by a factory', wrapped: worker('call.ts', 'factory.ts') },
  51: { shape: 'class without a base', wrapped: worker('utilities.ts') },
  52: { shape: 'methods that are called remotely', wrapped: worker('classes.ts', 'subclasses.ts') },
  53: { shape: 'wrapped by hand', wrapped: lambda('wrapped-by-hand.ts', 'middy.ts') },
  54: {
    shape: 'proxy and middleware of Next.js',
    wrapped: next('proxy-named.ts', 'proxy-default.ts', 'middleware-named.ts', 'middleware-re-export.ts'),
    untouched: next('proxy-other-name.ts'),
  },
  55: { shape: 'methods of a route', wrapped: next('route-every-method.ts', 'route-function.ts') },
  56: {
    shape: 'names that Next.js does not call',
    wrapped: next('route-query.ts'),
    untouched: next('route-default.ts', 'api-named.ts'),
  },
  57: { shape: 'functions of Cloudflare Pages', wrapped: worker('pages-methods.ts', 'pages-list.ts') },
  58: {
    shape: 'service worker',
    wrapped: worker('service-worker-events.js', 'service-worker-imported.ts'),
    by: 'test/service-worker.test.ts',
  },
  59: {
    shape: 'Azure Functions',
    wrapped: ['app.ts', 'imported.ts', 'required.cjs', 'legacy-module-exports.cjs'].map(
      (file) => `azure-functions/${file}`,
    ),
    by: 'test/azure.test.ts',
  },
  60: {
    shape: 'Cloud Functions for Firebase',
    wrapped: ['on-request.ts', 'exports.js', 'groups.ts', 'first-generation.ts'].map((file) => `firebase/${file}`),
    by: 'test/firebase.test.ts',
  },
  61: {
    shape: 'Google Cloud Functions',
    wrapped: ['named-import.ts', 'namespace-import.ts', 'require.js', 'legacy-exports.cjs'].map(
      (file) => `google-cloud-functions/${file}`,
    ),
    by: 'test/google.test.ts',
  },
  62: {
    shape: 'default object of Netlify',
    wrapped: netlify('object-method.ts', 'function-arrow.ts', 'unknown-call.ts'),
  },
  63: { shape: 'scheduled function of Netlify', wrapped: netlify('schedule.ts', 'cjs-schedule.js', 'cjs-tsc.js') },
  64: {
    shape: 'server entry that a framework makes',
    wrapped: [
      ...lambda('nitro-output.ts', 'nitro-dynamic-import.ts'),
      ...worker('nitro-output.ts', 'nitro-preset.ts'),
      ...netlify('nitro-preset.ts'),
    ],
  },
}
