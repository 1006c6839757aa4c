/** Stands in for `firebase-functions/v2/scheduler`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/scheduler'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/scheduler'
export const { onSchedule } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
