/** Azure Functions at build time. The run-time half is `runtime/platforms/azure-functions.ts`. */
import type * as Runtime from '../../runtime/platforms/azure-functions.ts'
import { definePlatform, detectDependency, exported, registered } from '../define-platform.ts'

const PACKAGE = '@azure/functions'
/** Of whichever runtime: https://learn.microsoft.com/azure/azure-functions/functions-host-json#sample-hostjson-file */
const HOST = /"version"\s*:\s*"2\.0"/

export default definePlatform<typeof Runtime>()({
  id: 'azure-functions',
  docs: 'https://learn.microsoft.com/azure/azure-functions/functions-reference-node',
  hosts: { node: 'azure' },
  detect(project) {
    if (HOST.test(project.files.get('host.json') ?? '')) return { signal: 'file', because: 'host.json' }
    return detectDependency(project, [PACKAGE])
  },
  handlers: {
    onInvocation: registered(),
    // The older model, where function.json may name another one.
    onFunction: exported(() => ['default', 'run', 'index']),
  },
  installers: { 'azure-functions': { registrar: `app of ${PACKAGE}`, imports: [PACKAGE] } },
})
