/** Stands in for `firebase-functions/v2/alerts/crashlytics`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/alerts/crashlytics'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/alerts/crashlytics'
export const {
  onNewAnrIssuePublished,
  onNewFatalIssuePublished,
  onNewNonfatalIssuePublished,
  onRegressionAlertPublished,
  onStabilityDigestPublished,
  onVelocityAlertPublished,
} = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
