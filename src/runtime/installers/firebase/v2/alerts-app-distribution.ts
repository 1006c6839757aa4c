/** Stands in for `firebase-functions/v2/alerts/appDistribution`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/alerts/appDistribution'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/alerts/appDistribution'
export const { onInAppFeedbackPublished, onNewTesterIosDevicePublished } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
