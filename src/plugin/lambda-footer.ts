/**
 * What a bundle for Lambda ends with: the runtime client waits for the registration of the extension.
 *
 * An ES module awaits it. A CommonJS module cannot, and the client reaches its first event within the
 * microtasks after it was loaded; but it awaits `import()` of the module, and a namespace with `then` is
 * waited for: so `then` is there while a registration is pending, and only then. The dead assignment is what
 * cjs-module-lexer needs to see. https://github.com/nodejs/cjs-module-lexer#exports-object-assignment
 * What comes out of it is the namespace that was asked, because a layer may have put its handler there.
 */
import { registers } from './facts.ts'
import type { Pipeline } from './index.ts'

const COMMONJS = `
;{const p=globalThis[Symbol.for("unplugin-otel.v1")]?.registration,e=module.exports;if(p&&Object.isExtensible(e)&&!("then"in e))Object.defineProperty(e,"then",{configurable:true,value(f){const n=this;delete e.then;p.then(()=>f(n===e?e:Object.create(n,{then:{}})))}})}
0&&(exports.then=0);`

const ES_MODULE = `
await globalThis[Symbol.for("unplugin-otel.v1")]?.registration;
`

/** @param format as the bundler calls it; undefined result: the output needs none */
export function lambdaFooter(
  { build, project, options }: Pick<Pipeline, 'build' | 'project' | 'options'>,
  format: string | undefined,
): string | undefined {
  if (!registers(build.platform?.hosts.node, options)) return undefined
  if (format === 'cjs' || format === 'commonjs') return COMMONJS
  return project.bundler.topLevelAwait && /^(esm?|module)$/.test(format ?? '') ? ES_MODULE : undefined
}
