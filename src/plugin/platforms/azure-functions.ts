/** Azure Functions at build time. The run-time half is `runtime/platforms/azure-functions.ts`. */
import type * as Runtime from '../../runtime/platforms/azure-functions.ts'
import { definePlatform, exported, registered } from '../define-platform.ts'

const PACKAGE = '@azure/functions'
/** https://learn.microsoft.com/azure/azure-functions/functions-host-json#version */
const HOST = /"version"\s*:\s*"[~^[]?[2-4]/

export default definePlatform<typeof Runtime>()({
  id: 'azure-functions',
  docs: 'https://learn.microsoft.com/azure/azure-functions/functions-reference-node',
  hosts: { node: 'azure' },
  detect({ files, dependencies }) {
    if (HOST.test(files.get('host.json') ?? '')) return { signal: 'file', because: 'host.json' }
    return dependencies.has(PACKAGE) ? { signal: 'dependency', because: `${PACKAGE} in package.json` } : undefined
  },
  handlers: {
    onInvocation: registered(),
    // The older model, where function.json may name another one.
    onFunction: exported(() => ['default', 'run', 'index']),
  },
  installers: { 'azure-functions': { registrar: `app of ${PACKAGE}`, imports: [PACKAGE] } },
})
