/** Stands in for `firebase-functions/v2/ai`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/ai'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/ai'
export const { beforeGenerateContent, afterGenerateContent } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
