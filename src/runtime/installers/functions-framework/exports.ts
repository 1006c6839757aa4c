/** Stands in for `@google-cloud/functions-framework`: all that it exports, and both register. */
import * as original from '@google-cloud/functions-framework'
import { toDefaultExport } from '../../installer.ts'
import { onCloudEvent, onHttp } from '../../platforms/google-cloud-functions.ts'
import { wrap } from '../functions-framework.ts'

export const http: typeof original.http = (name, handler) => original.http(name, wrap(onHttp, handler, name))
export const cloudEvent: typeof original.cloudEvent = (name, handler) =>
  original.cloudEvent(name, wrap(onCloudEvent, handler, name))

export default /* @__PURE__ */ toDefaultExport(original, { http, cloudEvent })
