/** Cloudflare's configuration file, as far as the build depends on it. */
import { parse as parseJsonc, printParseErrorCode, type ParseError } from 'jsonc-parser'
import { parse as parseToml } from 'smol-toml'
import type { Project } from './project.ts'

/** https://developers.cloudflare.com/workers/wrangler/configuration/ */
export interface Wrangler {
  /** Base name of the file. */
  readonly file: string
  /** Why it could not be read; its own tool will say where. */
  readonly broken?: string
  readonly main?: string
  /** A project of Pages. */
  readonly isPages?: boolean
  readonly compatibilityDate?: string
  readonly compatibilityFlags: readonly string[]
  /** Exported classes that Cloudflare instantiates. */
  readonly classes: readonly string[]
}

/** In the order in which wrangler looks for them. */
const FILES = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml']

interface Raw {
  readonly main?: unknown
  readonly pages_build_output_dir?: unknown
  readonly compatibility_date?: unknown
  readonly compatibility_flags?: unknown
  readonly durable_objects?: { readonly bindings?: readonly { class_name?: string; script_name?: string }[] }
  readonly env?: Readonly<Record<string, Raw>>
}

/** Undefined: there is none. `CLOUDFLARE_ENV` chooses an environment of it, whose fields come first. */
export function readWrangler({ files, env }: Project): Wrangler | undefined {
  const file = FILES.find((name) => files.has(name))
  if (!file) return undefined
  try {
    const base = parse(file, files.get(file)!)
    const raw = { ...base, ...base.env?.[env['CLOUDFLARE_ENV'] ?? ''] }
    const { main, compatibility_date: date, compatibility_flags: flags, durable_objects: objects } = raw
    return {
      file,
      ...(typeof main === 'string' && { main }),
      ...(raw.pages_build_output_dir !== undefined && { isPages: true }),
      // TOML has dates of its own.
      ...(date !== undefined && { compatibilityDate: date instanceof Date ? date.toISOString() : String(date) }),
      compatibilityFlags: Array.isArray(flags) ? flags.map(String) : [],
      classes: (objects?.bindings ?? []).flatMap(({ class_name: name, script_name: elsewhere }) =>
        name && !elsewhere ? [name] : [],
      ),
    }
  } catch (error) {
    return { file, broken: (error as Error).message.split('\n')[0]!, compatibilityFlags: [], classes: [] }
  }
}

function parse(file: string, text: string): Raw {
  if (file.endsWith('.toml')) return parseToml(text) as Raw
  const errors: ParseError[] = []
  const value = parseJsonc(text, errors, { allowTrailingComma: true })
  const [error] = errors
  if (error) throw new Error(`${printParseErrorCode(error.error)} at offset ${error.offset}`)
  if (typeof value !== 'object' || value === null) throw new Error('not an object')
  return value as Raw
}
