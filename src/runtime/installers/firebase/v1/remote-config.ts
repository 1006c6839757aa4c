/** Stands in for `firebase-functions/v1/remoteConfig`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/remoteConfig'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/remoteConfig'
export const { onUpdate } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
