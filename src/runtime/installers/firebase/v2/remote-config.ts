/** Stands in for `firebase-functions/v2/remoteConfig`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/remoteConfig'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/remoteConfig'
export const { onConfigUpdated } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
