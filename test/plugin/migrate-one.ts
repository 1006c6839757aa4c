/** One module through the migration, without a file system. */
import { migrate as migrateModule, type MigrateOptions } from '../../src/plugin/obsolete/migrate.ts'

/** A provider that is registered. */
export const HEAD = `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
const provider = new NodeTracerProvider()
provider.register()
`

/** @param others the one module that it imports by a relative specifier */
export function migrate(code: string, options: Partial<MigrateOptions> = {}, file = '/chat.ts', others?: string) {
  const sources = { resolve: () => others && '/others.ts', read: () => others, handlersOf: () => ({ has: () => true }) }
  return migrateModule(code, 'src/chat.ts', file, sources, { all: false, scripts: false, ...options })
}
