/** Stands in for `firebase-functions/v2/tasks`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/tasks'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/tasks'
export const { onTaskDispatched } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
