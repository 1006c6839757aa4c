/** The head of Node's `response`, just before Node makes its lines. https://nodejs.org/api/http.html#responsewriteheadstatuscode-statusmessage-headers */
import type { OnHead } from './answer-heads.ts'
import type { NodeResponse } from './node-http.ts'
import { quietly } from './quietly.ts'

interface Response extends NodeResponse {
  writeHead(...args: unknown[]): unknown
  getHeader(name: string): number | string | string[] | undefined
  setHeader(name: string, value: string): unknown
}

/** Frameworks clear what was set before when they answer an error, so it waits for the last moment. */
export function observeNodeHead(given: NodeResponse, onHead: OnHead): void {
  const response = given as Response
  const { writeHead } = response
  if (typeof writeHead !== 'function' || response.headersSent) return
  const isOwn = Object.hasOwn(response, 'writeHead')
  const observed: Response['writeHead'] = function (this: unknown, ...args) {
    // Somebody else may have put theirs over it.
    if (response.writeHead === observed) {
      if (isOwn) response.writeHead = writeHead
      else Reflect.deleteProperty(response, 'writeHead')
    }
    const fields = args.find((arg) => typeof arg === 'object')
    quietly(() =>
      onHead({
        get: (name) => findIn(fields, name) ?? toText(response.getHeader(name)),
        set: (name, value) => response.setHeader(name, value),
      }),
    )
    // Beside headers that were set before, Node takes no list of pairs: https://nodejs.org/api/http.html#responsewriteheadstatuscode-statusmessage-headers
    const given = args.map((arg) => (Array.isArray(arg) && Array.isArray(arg[0]) ? arg.flat() : arg))
    return writeHead.apply(this, given)
  }
  response.writeHead = observed
}

/** An object, a list of pairs, or a list in which a value follows its name. */
function findIn(fields: unknown, name: string): string | string[] | undefined {
  const flat = Array.isArray(fields) ? fields.flat() : Object.entries(fields ?? {}).flat(1)
  const at = flat.findIndex((each, n) => n % 2 === 0 && String(each).toLowerCase() === name)
  return at < 0 ? undefined : toText(flat[at + 1])
}

function toText(value: unknown): string | string[] | undefined {
  if (value === undefined) return undefined
  return Array.isArray(value) ? value.map(String) : String(value)
}
