/** Stands in for `firebase-functions/v2/storage`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/storage'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/storage'
export const { onObjectArchived, onObjectDeleted, onObjectFinalized, onObjectMetadataUpdated } =
  /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
