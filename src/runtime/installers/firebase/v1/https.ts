/** Stands in for `firebase-functions/v1/https`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/https'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/https'
export const { onRequest, onCall } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
