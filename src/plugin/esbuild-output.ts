/**
 * What esbuild wrote. It is told by the metafile, which the user may not have asked for, or in memory where nothing is
 * written; else the names follow from the options, unless they have hashes or patterns: then nothing is checked.
 */
import type { BuildOptions, BuildResult } from 'esbuild'
import { basename, dirname, extname, join, normalize, relative } from 'pathe'
import { toAbsolute } from './build.ts'
import { readText } from './files.ts'
import type { OutputChunk } from './report/output-check.ts'
import type { BundlerFacts } from './project.ts'

export function readOutput(options: BuildOptions, result: BuildResult, { root, entries }: BundlerFacts): OutputChunk[] {
  const read = reader(result)
  const { outputs } = result.metafile ?? {}
  if (!outputs) return follow(namedOutputs(options, root, entries), options, root, read)
  return Object.entries(outputs).flatMap(([file, { entryPoint, imports, inputs }]) => {
    const code = /\.[cm]?js$/.test(file) ? read(toAbsolute(root, file)) : undefined
    if (code === undefined) return []
    const own = imports.filter(({ external }) => !external).map(({ path }) => path)
    const from = entryPoint === undefined ? [] : [toAbsolute(root, entryPoint)]
    const modules = new Map(
      Object.entries(inputs).map(([path, { bytesInOutput }]) => [toAbsolute(root, path), bytesInOutput]),
    )
    return { file, code, isEntry: entryPoint !== undefined, entries: from, imports: own, modules }
  })
}

type Read = (file: string) => string | undefined

function reader({ outputFiles }: BuildResult): Read {
  if (!outputFiles) return readText
  const files = new Map(outputFiles.map((file) => [normalize(file.path), file]))
  return (file) => files.get(file)?.text
}

/** File → entry. https://esbuild.github.io/api/#entry-points and #outbase */
function namedOutputs(options: BuildOptions, root: string, entries: readonly string[]): Map<string, string> {
  const { outfile, outdir, entryNames, outExtension, outbase, entryPoints = [] } = options
  if (outfile !== undefined) return new Map(entries.map((entry) => [toAbsolute(root, normalize(outfile)), entry]))
  if (outdir === undefined || entryNames !== undefined || entries.some((entry) => entry.includes('*'))) return new Map()
  const base = outbase === undefined ? commonFolder(entries) : toAbsolute(root, normalize(outbase))
  const given = Array.isArray(entryPoints)
    ? entryPoints.map((entry) => (typeof entry === 'string' ? undefined : entry.out))
    : Object.keys(entryPoints)
  const named = entries.map((entry, at): [string, string] => {
    const path = relative(base, entry)
    const out = given[at] ?? join(dirname(path), basename(path, extname(path)))
    return [toAbsolute(root, join(normalize(outdir), `${out}${outExtension?.['.js'] ?? '.js'}`)), entry]
  })
  return new Map(named)
}

function commonFolder(entries: readonly string[]): string {
  const [first = '', ...others] = entries.map(dirname)
  return others.reduce((base, folder) => {
    let common = base
    while (common !== dirname(common) && folder !== common && !folder.startsWith(`${common}/`)) common = dirname(common)
    return common
  }, first)
}

/** With splitting, an entry imports chunks by their relative paths, or by where they are published. */
function follow(
  outputs: ReadonlyMap<string, string>,
  { splitting, outdir = '', publicPath = '' }: BuildOptions,
  root: string,
  read: Read,
): OutputChunk[] {
  const chunks: OutputChunk[] = []
  const files = new Set(outputs.keys())
  const base = publicPath.replace(/\/?$/, '/')
  const toChunk = (path: string, importer: string): string[] => {
    if (RELATIVE.test(path)) return [join(dirname(importer), path)]
    return publicPath && path.startsWith(base) ? [join(toAbsolute(root, outdir), path.slice(base.length))] : []
  }
  for (const file of files) {
    const code = read(file)
    if (code === undefined) continue
    const entry = outputs.get(file)
    const found = splitting ? code.matchAll(IMPORTED) : []
    const paths = Array.from(found, ([, path]) => path!).flatMap((path) => toChunk(path, file))
    for (const path of paths) files.add(path)
    const imports = paths.map((path) => relative(root, path))
    chunks.push({
      file: relative(root, file),
      code,
      isEntry: entry !== undefined,
      entries: entry === undefined ? [] : [entry],
      imports,
    })
  }
  return chunks
}

const IMPORTED = /\b(?:from|import)\s*\(?\s*["'`]([^"'`\n]+)["'`]/g
const RELATIVE = /^\.{1,2}\//
