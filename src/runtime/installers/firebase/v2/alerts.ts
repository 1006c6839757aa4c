/** Stands in for `firebase-functions/v2/alerts`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/alerts'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/alerts'
export const { onAlertPublished, appDistribution, billing, crashlytics, performance } =
  /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
