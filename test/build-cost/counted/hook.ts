/** `--import`ed by Node. */
import { registerHooks } from 'node:module'
import { EDITED, insertCounts } from './insert.ts'

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    return EDITED.test(url) ? { ...loaded, source: insertCounts(url, String(loaded.source)) } : loaded
  },
})
