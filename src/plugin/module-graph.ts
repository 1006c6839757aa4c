/** The modules that a module exports from, as the bundler resolves them, and as they are on the disk. Each is read once. */
import { readFile } from 'node:fs/promises'
import { parseSync, type ParseResult, type StaticExportEntry } from 'oxc-parser'
import { basename } from 'pathe'
import { findBindings } from './bindings.ts'
import { parse } from './parse.ts'
import { findUnread } from './unread.ts'

/** The bundler, as far as a module's imports are concerned. */
export interface Importing {
  /** @returns what the bundler would load: an absolute path, or undefined where that is not a file */
  resolve(specifier: string, importer: string): Promise<string | undefined>
  /** The module that is being transformed depends on what this file says. */
  watch(file: string): void
  /** The same of a file that is not there: what it says when it is. */
  watchMissing?(file: string): void
}

export interface ModuleGraph {
  /** What cannot be resolved is the bundler's to say, when it comes to it. */
  resolve(specifier: string, importer: string): Promise<string | undefined>
  /** @returns what a file exports that is no type, or why that cannot be told */
  exportsOf(file: string): Promise<readonly StaticExportEntry[] | string>
}

export const TYPESCRIPT = /\.[cm]?tsx?$/

export function createModuleGraph({ resolve, watch }: Importing): ModuleGraph {
  const read = new Map<string, ReturnType<ModuleGraph['exportsOf']>>()
  return {
    resolve: (specifier, importer) => resolve(specifier, importer).catch(() => undefined),
    exportsOf(file) {
      let found = read.get(file)
      if (!found) {
        watch(file)
        found = readFile(file, 'utf8').then(
          (code) => valuesIn(file, code) ?? 'is no ES module',
          () => 'cannot be read',
        )
        read.set(file, found)
      }
      return found
    },
  }
}

/** As the module says it: what is a type there without the word is among them. None where it is no ES module. */
export function statedExports(file: string, code: string): StaticExportEntry[] {
  if (findUnread(code)) return []
  const parsed = parse(file, code)
  return isModule(parsed) ? entriesOf(parsed) : []
}

function valuesIn(file: string, code: string): StaticExportEntry[] | undefined {
  const parsed = parseModule(file, code)
  if (!parsed) return undefined
  const entries = entriesOf(parsed)
  if (!TYPESCRIPT.test(file) || entries.length === 0) return entries
  const { isType } = findBindings(parsed.program, code)
  return entries.filter(({ moduleRequest, localName }) => moduleRequest || !localName.name || !isType(localName.name))
}

/** Undefined where it is no ES module, or cannot be parsed. */
function parseModule(file: string, code: string): ParseResult | undefined {
  if (findUnread(code)) return undefined
  const parsed = parseSync(basename(file), code, /\.[cm]?js$/.test(file) ? { lang: 'jsx' } : {})
  return isModule(parsed) ? parsed : undefined
}

function isModule({ errors, module }: ParseResult): boolean {
  return errors.length === 0 && module.hasModuleSyntax
}

function entriesOf({ module }: ParseResult): StaticExportEntry[] {
  return module.staticExports.flatMap(({ entries }) => entries.filter(({ isType }) => !isType))
}
