/** Google Cloud Functions at build time. The run-time half is `runtime/platforms/google-cloud-functions.ts`. */
import type * as Runtime from '../../runtime/platforms/google-cloud-functions.ts'
import { definePlatform, detectDependency, exported, registered } from '../define-platform.ts'
import type { Project } from '../project.ts'

const FRAMEWORK = '@google-cloud/functions-framework'
/** `functions-framework --target=helloHttp`, `gcloud functions deploy --entry-point helloHttp` */
const TARGET = /--(?:target|entry-point)[= ]['"]?([A-Za-z_$][\w$]*)/g
/** The Serverless Framework's plugin for Google deploys the export that `handler` names. */
const HANDLER = /\bhandler['"]?\s*:\s*['"]?([A-Za-z_$][\w$]*)/g
const GOOGLE = /\bprovider['"]?\s*:[\s{'"]*(?:name['"]?\s*:\s*['"]?)?google\b/

export default definePlatform<typeof Runtime>()({
  id: 'google-cloud-functions',
  docs: 'https://cloud.google.com/functions/docs/writing',
  hosts: { node: 'google-cloud' },
  detect(project) {
    const serverless = serverlessFile(project)
    return serverless ? { signal: 'file', because: serverless.name } : detectDependency(project, [FRAMEWORK])
  },
  handlers: {
    onHttp: registered(),
    onCloudEvent: registered(),
    onExport: exported((_file, project) => targets(project)),
  },
  installers: {
    'functions-framework': { registrar: FRAMEWORK, redirects: { [FRAMEWORK]: 'functions-framework/exports' } },
  },
})

function serverlessFile({ files }: Project): { name: string; text: string } | undefined {
  for (const [name, text] of files) if (name.startsWith('serverless.') && GOOGLE.test(text)) return { name, text }
  return undefined
}

/** Without any, the framework looks for an export named `function`. */
function targets(project: Project): string[] {
  const found = ['function']
  const env = project.env['FUNCTION_TARGET']
  if (env) found.push(env)
  for (const script of project.scripts) for (const [, name] of script.matchAll(TARGET)) found.push(name!)
  for (const [, name] of (serverlessFile(project)?.text ?? '').matchAll(HANDLER)) found.push(name!)
  return found
}
