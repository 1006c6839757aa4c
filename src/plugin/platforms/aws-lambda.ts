/** AWS Lambda at build time. The run-time half is `runtime/platforms/aws-lambda.ts`. */
import { basename, extname } from 'pathe'
import type * as Runtime from '../../runtime/platforms/aws-lambda.ts'
import { definePlatform, detectDependency, exported } from '../define-platform.ts'
import type { Project } from '../project.ts'

/** Deploy tools that name handlers as `path/to/module.export`, and the field they use. */
const DEPLOY_FILES = /^(serverless\.(ya?ml|ts|js|json)|template\.(ya?ml|json)|sst\.config\.(ts|js|mjs))$/
/** `handler: src/app.run`, also after a variable: `${self:custom.folder}/app.run`. */
const HANDLER_FIELD = /\bhandler['"]?\s*:\s*['"]?(?:\$\{[^}\n]*\})?([\w./@()[\]+~-]+)\.([A-Za-z_$][\w$]*)\b/gi
/** In code only a string is a path, and any may be: SST has `api.route('GET /', 'src/app.run')`. */
const HANDLER_STRING = /(['"`])(?:\$\{[^}\n]*\})?([\w./@()[\]+~-]+)\.([A-Za-z_$][\w$]*)\1/g
/** `'src/app.ts'` names a file. */
const FILE_EXTENSION = /^([cm]?[jt]sx?|json|ya?ml|toml|html|css|md|zip|sql|txt|env)$/
const SAM = /AWS::(Serverless|Lambda)::Function/
const OTHER_PROVIDER =
  /\bprovider['"]?\s*:[\s{'"]*(?:name['"]?\s*:\s*['"]?)?(google|azure|cloudflare|openwhisk|fn|aliyun|tencent|kubeless)\b/
/** They deploy to where their own file says. */
const FRAMEWORKS = ['serverless', 'osls']
const SDKS = ['@middy/core']
const TOOLS = ['@types/aws-lambda', 'aws-lambda', ...FRAMEWORKS, 'sst', 'aws-cdk-lib']
const DEFAULT_NAMES = ['handler', 'default', 'main', 'lambdaHandler']

export default definePlatform<typeof Runtime>()({
  id: 'aws-lambda',
  docs: 'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html',
  hosts: { node: 'aws-lambda' },
  detect(project) {
    const { files, env } = project
    for (const [name, text] of files) {
      if (DEPLOY_FILES.test(name) && isForAws(name, text)) return { signal: 'file', because: name }
    }
    if (files.has('samconfig.toml')) return { signal: 'file', because: 'samconfig.toml' }
    if (files.has('cdk.json')) return { signal: 'file', because: 'cdk.json' }
    const isElsewhere = [...files].some(([name, text]) => name.startsWith('serverless.') && !isForAws(name, text))
    const tools = isElsewhere ? TOOLS.filter((name) => !FRAMEWORKS.includes(name)) : TOOLS
    const dependency = detectDependency(project, SDKS, tools)
    if (dependency) return dependency
    return env['CODEBUILD_BUILD_ID'] ? { signal: 'ci', because: 'CODEBUILD_BUILD_ID' } : undefined
  },
  handlers: { onEvent: exported(handlerNames) },
})

/** The Serverless Framework deploys elsewhere too, and a template.yaml may be anybody's. */
function isForAws(name: string, text: string): boolean {
  if (name.startsWith('template.')) return SAM.test(text)
  return !name.startsWith('serverless.') || !OTHER_PROVIDER.test(text)
}

/**
 * What the deploy files name for this module, wherever a `CodeUri` puts it: paths are compared from their
 * end, so two modules called `app` share their names. One whose folder differs may be this one, moved.
 */
function handlerNames(file: string, project: Project): readonly string[] {
  const module = file.slice(0, -extname(file).length)
  const named = handlerStrings(project)
  const own = named.filter(({ path }) => `/${module}`.endsWith(`/${path.replace(/^\.?\/+/, '')}`))
  if (own.length > 0) return own.map(({ name }) => name)
  const renamed = named.filter(({ path }) => basename(path) === basename(module))
  return renamed.length > 0 ? renamed.map(({ name }) => name) : DEFAULT_NAMES
}

/** `handler: src/app.run` in YAML, JSON and TypeScript alike; `file` is the base name of where it stands. */
export function handlerStrings(project: Pick<Project, 'files'>): { file: string; path: string; name: string }[] {
  const found: { file: string; path: string; name: string }[] = []
  for (const [file, text] of project.files) {
    if (!DEPLOY_FILES.test(file)) continue
    const field = /\.m?[jt]s$/.test(file) ? HANDLER_STRING : HANDLER_FIELD
    for (const match of text.matchAll(field)) {
      const [path, name] = [match.at(-2)!, match.at(-1)!]
      if (!FILE_EXTENSION.test(name)) found.push({ file, path, name })
    }
  }
  return found
}
