/** Stands in for `firebase-functions/v2/pubsub`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/pubsub'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/pubsub'
export const { onMessagePublished } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
