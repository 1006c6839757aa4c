/** What is inserted into the packages that the plugin calls, where their calls can be counted. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const at = (file: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href)

/** The packages are pinned. */
const INSERTIONS: readonly { readonly file: RegExp; readonly imports: string; readonly edit: [RegExp, string] }[] = [
  {
    file: /\/oxc-parser\/src-js\/index\.js$/,
    imports: `import { counts } from ${at('../counts.ts')}`,
    edit: [/(?<=function parseSync\()(\w+)(.*\{)/, '$1$2 counts.parsed.push($1);'],
  },
  {
    file: /\/unplugin\/dist\/index\.mjs$/,
    imports: `import { counted } from ${at('transform.ts')}`,
    edit: [/(?<=function create\w+Plugin\(factory\) \{\s+return get\w+Plugin\()factory/g, 'counted(factory)'],
  },
  {
    // A loader has no place that a plugin could count its calls at.
    file: /\/unplugin\/dist\/(webpack|rspack)\/loaders\/transform\.mjs$/,
    imports: `import { counts } from ${at('../counts.ts')}`,
    edit: [/function transform\(source, map\) \{/, '$& counts.asked.push(this.resource);'],
  },
]

export const EDITED = /\/(oxc-parser\/src-js\/index\.js|unplugin\/dist\/(index|\w+\/loaders\/transform)\.mjs)$/

/** @param file with slashes */
export function insertCounts(file: string, source: string): string {
  const insertion = INSERTIONS.find((each) => each.file.test(file))
  if (!insertion) return source
  const edited = source.replace(...insertion.edit)
  if (edited === source) throw new Error(`${file} is not what it was: see ${import.meta.filename}`)
  return `${insertion.imports}\n${edited}`
}
