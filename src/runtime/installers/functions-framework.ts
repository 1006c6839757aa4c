/** `@google-cloud/functions-framework`: what it registers is wrapped by what stands in for it. */
import { createInstaller } from '../installer.ts'

export const { install, wrap } = /* @__PURE__ */ createInstaller()
