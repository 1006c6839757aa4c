/** Stands in for `firebase-functions/v2/dataconnect`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/dataconnect'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/dataconnect'
export const { onMutationExecuted } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
