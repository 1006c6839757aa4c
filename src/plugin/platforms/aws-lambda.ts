/** AWS Lambda at build time. The run-time half is `runtime/platforms/aws-lambda.ts`. */
import { basename, extname } from 'pathe'
import type * as Runtime from '../../runtime/platforms/aws-lambda.ts'
import { definePlatform, exported } from '../define-platform.ts'
import type { Project } from '../project.ts'

/** Deploy tools that name handlers as `path/to/module.export`, and the field they use. */
const DEPLOY_FILES = /^(serverless\.(ya?ml|ts|js|json)|template\.(ya?ml|json)|sst\.config\.(ts|js|mjs))$/
const HANDLER_FIELD = /['"]?\bhandler['"]?\s*:\s*['"]?([\w./@-]+)\.([A-Za-z_$][\w$]*)\b/gi
const SAM = /AWS::(Serverless|Lambda)::Function/
const DEPENDENCIES = ['@types/aws-lambda', 'aws-lambda', '@middy/core', 'serverless', 'osls', 'sst', 'aws-cdk-lib']
const DEFAULT_NAMES = ['handler', 'default', 'main', 'lambdaHandler']

export default definePlatform<typeof Runtime>()({
  id: 'aws-lambda',
  docs: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html',
  host: 'aws-lambda',
  target: 'node',
  detect({ files, dependencies, env }) {
    for (const [name, text] of files) {
      if (!DEPLOY_FILES.test(name) || (name.startsWith('template.') && !SAM.test(text))) continue
      return { signal: 'file', because: name }
    }
    if (files.has('samconfig.toml')) return { signal: 'file', because: 'samconfig.toml' }
    if (files.has('cdk.json')) return { signal: 'file', because: 'cdk.json' }
    const dependency = DEPENDENCIES.find((name) => dependencies.has(name))
    if (dependency) return { signal: 'dependency', because: `${dependency} in package.json` }
    if (env['CODEBUILD_BUILD_ID']) return { signal: 'ci', because: 'CODEBUILD_BUILD_ID' }
    return undefined
  },
  handlers: { onEvent: exported(handlerNames) },
})

/** What the deploy files name for this module; a name whose module is not found may be this one's, renamed. */
function handlerNames(file: string, project: Project): readonly string[] {
  const module = file.slice(0, -extname(file).length)
  const named = handlerStrings(project)
  const own = named.filter(({ path }) => `/${module}`.endsWith(`/${path.replace(/^\.?\/+/, '')}`))
  if (own.length > 0) return own.map(({ name }) => name)
  const renamed = named.filter(({ path }) => basename(path) === basename(module))
  return renamed.length > 0 ? renamed.map(({ name }) => name) : DEFAULT_NAMES
}

/** `handler: src/app.run` in YAML, JSON and TypeScript alike. */
function handlerStrings(project: Project): { path: string; name: string }[] {
  const found: { path: string; name: string }[] = []
  for (const [file, text] of project.files) {
    if (!DEPLOY_FILES.test(file)) continue
    for (const [, path, name] of text.matchAll(HANDLER_FIELD)) found.push({ path: path!, name: name! })
  }
  return found
}
