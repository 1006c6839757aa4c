/** Stands in for `firebase-functions/v1/testLab`: its exports, but those that register. */
import * as original from 'firebase-functions/v1/testLab'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v1/testLab'
export const { testMatrix } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
