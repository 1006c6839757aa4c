/** Stands in for `firebase-functions/v1/firestore`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/firestore'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/firestore'
export const { document, namespace, database } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
