/** Stands in for `firebase-functions`: its exports, but those that register. */
import * as original from 'firebase-functions'
import { observe, observeDefault } from '../firebase.ts'

export * from 'firebase-functions'
export const {
  ai,
  alerts,
  analytics,
  auth,
  database,
  dataconnect,
  eventarc,
  firestore,
  https,
  identity,
  pubsub,
  region,
  remoteConfig,
  runWith,
  scheduler,
  storage,
  tasks,
  testLab,
} = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
