/** A process that loads CommonJS as Node itself does, by `import()` as Lambda's runtime client and by `require`. */
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { describeModule, named } from '../plugin/describe-module.ts'
import { invokeLambda } from '../tiers/calls.ts'

export interface Task {
  /** Name → file. */
  readonly files: Readonly<Record<string, string>>
  /** Where the descriptions go. */
  readonly result: string
}

const { files, result }: Task = JSON.parse(process.argv[2]!)
const require = createRequire(import.meta.url)
const described: Record<string, unknown> = {}
for (const [name, file] of Object.entries(files)) {
  const namespace = await import(pathToFileURL(file).href)
  const exports = require(file)
  described[name] = {
    // As cjs-module-lexer finds them.
    names: Object.keys(namespace),
    isSame: Object.keys(namespace).filter((key) => key !== 'default' && namespace[key] !== exports[key]),
    isDefault: namespace.default === exports || namespace.default === exports.default,
    keys: Reflect.ownKeys(exports).map(String),
    enumerable: Object.keys(exports),
    esModule: exports.__esModule,
    prototype: Object.getPrototypeOf(exports) && Object.getPrototypeOf(exports).constructor.name,
    isExtensible: Object.isExtensible(exports),
    exports: await describeModule(named(exports), invokeLambda),
  }
}
writeFileSync(result, JSON.stringify(described, null, 2))
