/** Stands in for `firebase-functions/v2/eventarc`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/eventarc'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/eventarc'
export const { onCustomEventPublished } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
