/** Stands in for `firebase-functions/v1`: its exports, but those that register. */
import * as original from 'firebase-functions/v1'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1'
export const {
  analytics,
  auth,
  database,
  firestore,
  https,
  pubsub,
  region,
  remoteConfig,
  runWith,
  storage,
  tasks,
  testLab,
} = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
