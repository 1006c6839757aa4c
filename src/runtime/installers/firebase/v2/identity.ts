/** Stands in for `firebase-functions/v2/identity`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/identity'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/identity'
export const { beforeEmailSent, beforeSmsSent, beforeUserCreated, beforeUserSignedIn, onUserCreated, onUserDeleted } =
  /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
