/** Stands in for `firebase-functions/v2/testLab`: its exports, but those that register. */
import * as original from 'firebase-functions/v2/testLab'
import { observe, observeDefault } from '../../firebase.ts'

export * from 'firebase-functions/v2/testLab'
export const { onTestMatrixCompleted } = /* @__PURE__ */ observe(original)
export default /* @__PURE__ */ observeDefault(original)
