/** Stands in for `firebase-functions/v1/tasks`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/tasks'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/tasks'
export const { taskQueue } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
