/** Whatever is wrong with a module, or with us: the build goes on, and the report says what was left. */
import type { BuildCode } from './report/codes.ts'
import type { TransformFacts } from './emit.ts'
import { findBundled } from './emitted.ts'
import { isUtf8File } from './files.ts'
import { createLocator } from './position.ts'
import type { BundlerFacts } from './project.ts'
import type { Importing } from './module-graph.ts'
import { findReExports } from './re-exports.ts'
import { mayWrap, transform, type TransformResult } from './transform.ts'

/** What a decoder makes of bytes that are no UTF-8. */
const REPLACEMENT = '\uFFFD'

export async function transformOrLeave(
  code: string,
  facts: TransformFacts,
  file: string,
  { name }: Pick<BundlerFacts, 'name'>,
  importing: Importing | undefined,
): Promise<TransformResult> {
  const leave = (start: number, why: string, reason: BuildCode = 'UO110'): TransformResult => ({
    output: undefined,
    wrapped: [],
    nearMisses: [{ name: '*', ...createLocator(code)(start), code: reason, why }],
  })
  const runtime = findBundled(code)
  if (runtime !== undefined) return leave(runtime, 'built with unplugin-otel before, so it is left as it is', 'UO114')
  // These bundlers decode a file in their own way; of the others we get what they have decoded.
  const isOurs = name === 'esbuild' || name === 'bun'
  if (isOurs && code.includes(REPLACEMENT) && !isUtf8File(file)) return leave(code.indexOf(REPLACEMENT), 'not UTF-8')
  try {
    if (!importing) return transform(code, facts)
    return transform(code, facts, await findReExports(code, file, importing, (each) => mayWrap(each, facts)))
  } catch (error) {
    return leave(0, `not read: ${error instanceof Error ? error.message : String(error)}`)
  }
}
