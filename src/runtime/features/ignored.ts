/** Requests that make no span: `ignore`. */
import { ignoreStarts } from '../ignoring.ts'
import type { Setup } from '../provider.ts'

/** @param source of a regular expression, for paths and routes */
export function ignoreRequests(setup: Setup, source: string): Setup {
  const pattern = new RegExp(source)
  return ignoreStarts(setup, ({ attributes }) =>
    ['url.path', 'http.route'].some((name) => pattern.test(String(attributes?.[name] ?? ''))),
  )
}
