/** Stands in for `firebase-functions/v1/pubsub`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/pubsub'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/pubsub'
export const { schedule, topic } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
