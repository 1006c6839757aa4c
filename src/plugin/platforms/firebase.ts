/** Firebase at build time. The run-time half is `runtime/platforms/firebase.ts`. */
import type * as Runtime from '../../runtime/platforms/firebase.ts'
import { definePlatform, detectDependency, registered } from '../define-platform.ts'

const SDK = 'firebase-functions'

/** Entry of the SDK → what stands in for it. */
const SECOND: Readonly<Record<string, string>> = {
  ai: 'ai',
  alerts: 'alerts',
  'alerts/appDistribution': 'alerts-app-distribution',
  'alerts/billing': 'alerts-billing',
  'alerts/crashlytics': 'alerts-crashlytics',
  'alerts/performance': 'alerts-performance',
  database: 'database',
  dataconnect: 'dataconnect',
  eventarc: 'eventarc',
  firestore: 'firestore',
  https: 'https',
  identity: 'identity',
  pubsub: 'pubsub',
  remoteConfig: 'remote-config',
  scheduler: 'scheduler',
  storage: 'storage',
  tasks: 'tasks',
  testLab: 'test-lab',
}
const FIRST: Readonly<Record<string, string>> = {
  analytics: 'analytics',
  auth: 'auth',
  database: 'database',
  firestore: 'firestore',
  https: 'https',
  pubsub: 'pubsub',
  remoteConfig: 'remote-config',
  storage: 'storage',
  tasks: 'tasks',
  testLab: 'test-lab',
}

const redirects: Record<string, string> = {
  [SDK]: 'firebase/all',
  [`${SDK}/v1`]: 'firebase/v1/all',
  [`${SDK}/v2`]: 'firebase/v2/all',
}
for (const [entry, file] of Object.entries(FIRST)) redirects[`${SDK}/v1/${entry}`] = `firebase/v1/${file}`
for (const [entry, file] of Object.entries(SECOND)) {
  // Since version 6 both are the same.
  redirects[`${SDK}/${entry}`] = redirects[`${SDK}/v2/${entry}`] = `firebase/v2/${file}`
}

export default definePlatform<typeof Runtime>()({
  id: 'firebase',
  docs: 'https://firebase.google.com/docs/functions',
  hosts: { node: 'google-cloud' },
  detect(project) {
    // `firebase.json` may stand above other packages, and not all that Firebase hosts has functions.
    const dependency = detectDependency(project, [SDK])
    const isDeployed = dependency && /"functions"\s*:/.test(project.files.get('firebase.json') ?? '')
    return isDeployed ? { signal: 'file', because: 'firebase.json' } : dependency
  },
  handlers: { onRequest: registered(), onCall: registered(), onEvent: registered() },
  installers: { firebase: { registrar: SDK, redirects } },
})
