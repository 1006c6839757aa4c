/** Stands in for `firebase-functions/v2/alerts/performance`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/alerts/performance'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/alerts/performance'
export const { onThresholdAlertPublished } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
