/**
 * What a CommonJS bundle for Lambda ends with. The runtime client reaches its first event within the
 * microtasks after a CommonJS module was loaded, too soon for a registration. It awaits `import()` of the
 * module, and a namespace with `then` is waited for: so `then` is there while a registration is pending,
 * and only then. The dead assignment is what cjs-module-lexer needs to see.
 * https://github.com/nodejs/cjs-module-lexer#exports-object-assignment
 */
import type { Build } from './build.ts'

const FOOTER = `
;{const p=globalThis[Symbol.for("unplugin-otel.v1")]?.registration,e=module.exports;if(p&&Object.isExtensible(e)&&!("then"in e))Object.defineProperty(e,"then",{configurable:true,value(f){delete e.then;p.then(()=>f(Object.create(e,{default:{value:e}})))}})}
0&&(exports.then=0);`

/** Undefined: the output needs none. */
export function lambdaFooter({ platform }: Build, format: string | undefined): string | undefined {
  return format === 'cjs' && platform?.host === 'aws-lambda' ? FOOTER : undefined
}
