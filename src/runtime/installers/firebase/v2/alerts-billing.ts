/** Stands in for `firebase-functions/v2/alerts/billing`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/alerts/billing'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/alerts/billing'
export const { onPlanAutomatedUpdatePublished, onPlanUpdatePublished } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
