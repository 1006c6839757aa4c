/** Stands in for `firebase-functions/v2`: its exports, but those that register. */
import * as original from 'firebase-functions/v2'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2'
export const {
  ai,
  alerts,
  database,
  dataconnect,
  eventarc,
  firestore,
  https,
  identity,
  pubsub,
  remoteConfig,
  scheduler,
  storage,
  tasks,
  testLab,
} = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
