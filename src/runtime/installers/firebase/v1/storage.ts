/** Stands in for `firebase-functions/v1/storage`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/storage'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/storage'
export const { bucket, object } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
