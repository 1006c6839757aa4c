/** Stands in for `firebase-functions/v2/database`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/database'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/database'
export const { onValueCreated, onValueDeleted, onValueUpdated, onValueWritten } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
