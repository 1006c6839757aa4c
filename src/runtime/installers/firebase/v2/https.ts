/** Stands in for `firebase-functions/v2/https`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/https'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/https'
export const { onRequest, onCall, onCallGenkit } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
