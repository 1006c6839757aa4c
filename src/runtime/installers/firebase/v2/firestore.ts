/** Stands in for `firebase-functions/v2/firestore`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/firestore'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/firestore'
export const {
  onDocumentCreated,
  onDocumentCreatedWithAuthContext,
  onDocumentDeleted,
  onDocumentDeletedWithAuthContext,
  onDocumentUpdated,
  onDocumentUpdatedWithAuthContext,
  onDocumentWritten,
  onDocumentWrittenWithAuthContext,
} = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
