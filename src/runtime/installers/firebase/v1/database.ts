/** Stands in for `firebase-functions/v1/database`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/database'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/database'
export const { instance, ref } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
