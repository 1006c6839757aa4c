/** Where a module is built, in a repository of one package or of several. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'pathe'
import { kindOf, readNames } from '../../plugin/files.ts'
import { findConfigurations, type Configuration } from './configurations.ts'

export interface Root {
  /** The folder that the bundler runs in, as far as files tell. */
  readonly folder: string
  readonly configuration: Configuration | undefined
}

/** What is deployed on its own: it is built there, unless a configuration above it has the plugin. */
const DEPLOYED =
  /^(wrangler\.(json|jsonc|toml)|netlify\.toml|host\.json|template\.(ya?ml|json)|serverless\.(ya?ml|ts|js|json))$/

/** The nearest configuration above. */
export function findRoot(from: string): Root {
  let own: string | undefined
  let deployed: string | undefined
  for (let folder = from; ; folder = dirname(folder)) {
    const [configuration] = findConfigurations(folder)
    if (configuration && (configuration.plugin || !deployed)) return { folder, configuration }
    if (kindOf(join(folder, 'package.json')) === 'file') own ??= folder
    if (readNames(folder).some((name) => DEPLOYED.test(name))) deployed ??= folder
    if (existsSync(join(folder, '.git')) || folder === dirname(folder)) break
  }
  return { folder: deployed ?? own ?? from, configuration: undefined }
}
