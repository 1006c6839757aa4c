/**
 * The text in which an SST project names its handlers: sst.config.ts, and what it imports of the project, which
 * is where larger projects have their functions. https://sst.dev/docs/set-up-a-monorepo
 */
import { dirname, join } from 'pathe'
import { kindOf, modulePaths, readNames, readText } from './files.ts'

/** Also `readdirSync('./infra/')`, whose files are imported by their names. */
const IMPORTS = /\b(?:from|import|readdirSync)\s*\(?\s*(['"`])(\.{1,2}\/[^'"`$]*)\1/g
const SCRIPT = /(?<!\.d)\.m?[jt]s$/

/** @returns the configuration file's name and all of the text, as `BundlerFacts.files` takes it */
export function readSstConfig(root: string): Record<string, string> {
  const name = ['sst.config.ts', 'sst.config.js', 'sst.config.mjs'].find((file) => kindOf(join(root, file)) === 'file')
  if (!name) return {}
  const texts = new Map<string, string>()
  const read = (file: string) => {
    if (texts.has(file)) return
    const text = readText(file) ?? ''
    texts.set(file, text)
    for (const [, , path = ''] of text.matchAll(IMPORTS)) for (const next of find(join(dirname(file), path))) read(next)
  }
  read(join(root, name))
  return { [name]: [...texts.values()].join('\n') }
}

function find(path: string): string[] {
  const file = modulePaths(path).find((candidate) => kindOf(candidate) === 'file')
  if (file) return SCRIPT.test(file) ? [file] : []
  if (kindOf(path) !== 'folder') return []
  return readNames(path)
    .filter((name) => SCRIPT.test(name))
    .map((name) => join(path, name))
}
