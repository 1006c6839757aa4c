/** Modules that are written in neither module system. */
import { Visitor, type Program } from 'oxc-parser'
import type { Node } from './ast.ts'

/**
 * Neither a CommonJS nor an ES module: nothing of either is in it. What is added makes it an ES module, which is how
 * bundlers read it anyway.
 */
export function isScript(program: Program, path: string): boolean {
  if (/\.m[jt]s$/.test(path)) return true
  let found = /\.c[jt]s$/.test(path)
  new Visitor({
    Identifier({ name }: Node) {
      found ||= /^(require|module|exports|__filename|__dirname)$/.test(name)
    },
    TSImportEqualsDeclaration() {
      found = true
    },
  }).visit(program)
  return !found
}
