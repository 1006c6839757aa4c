/** Stands in for `firebase-functions/v1/analytics`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/analytics'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/analytics'
export const { event } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
