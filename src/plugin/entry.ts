/** Where the specifiers of the emitted code lead: real files of ours, and one copy of the OTel API. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { normalize } from 'pathe'
import { readNames } from './files.ts'
import { findNewestApi } from './project.ts'

/** What the narrow resolve has to catch. The API's `experimental` entry shares its copy's internals. */
export const RESOLVED = /^(unplugin-otel\/(runtime(\/|$)|config$)|@opentelemetry\/api$)/

/** Entries of the package whose files have other names. */
const FILES: Readonly<Record<string, string>> = { runtime: 'runtime/index', config: 'runtime/define-config' }

/** @returns the absolute file of a specifier that `RESOLVED` matches */
export function createResolver(root: string): (specifier: string) => string | undefined {
  let api: string | undefined
  return (specifier) => {
    if (specifier === '@opentelemetry/api') return (api ??= findNewestApi(root))
    const name = specifier.slice('unplugin-otel/'.length)
    const file = fileURLToPath(new URL(`../${FILES[name] ?? name}.js`, import.meta.url))
    return existsSync(file) ? file : undefined
  }
}

/** Each specifier that `RESOLVED` matches and that leads to a file, for bundlers that take a list. */
export function listResolved(root: string): Readonly<Record<string, string>> {
  const names = readNames(RUNTIME, { recursive: true })
    .map(normalize)
    .filter((name) => name.endsWith('.js'))
  const specifiers = names.map((name) => `unplugin-otel/runtime/${name.slice(0, -'.js'.length)}`)
  const resolve = createResolver(root)
  const all = ['@opentelemetry/api', 'unplugin-otel/runtime', 'unplugin-otel/config', ...specifiers]
  return Object.fromEntries(
    all.flatMap((specifier) => {
      const file = resolve(specifier)
      return file ? [[specifier, file]] : []
    }),
  )
}

const RUNTIME = normalize(fileURLToPath(new URL('../runtime/', import.meta.url)))

/** Whether a module is one of ours. Rolldown has `null` for none. */
export function isRuntime(id: string | undefined): boolean {
  return typeof id === 'string' && normalize(id).startsWith(RUNTIME)
}
