/** Stands in for `firebase-functions/v1/auth`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/auth'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/auth'
export const { user } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
