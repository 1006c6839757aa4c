/** `tracestate` as the SDK's `TraceState` reads and writes it, in fewer words. */
import type { TraceState as ApiTraceState } from '@opentelemetry/api'

const MAX_ITEMS = 32
const MAX_LENGTH = 512
const KEY = /^(?:[a-z][_0-9a-z-*/]{0,255}|[a-z0-9][_0-9a-z-*/]{0,240}@[a-z][_0-9a-z-*/]{0,13})$/
/** From space to `~`, without `,` and `=`, and no space at the end. */
const VALUE = /^[ -+\--<>-~]{0,255}[!-+\--<>-~]$/

const isValid = (key: string, value: string): boolean => KEY.test(key) && VALUE.test(value)

export class TraceState implements ApiTraceState {
  declare readonly _header: string
  /** The newest first; read from `_header` when it is asked for. */
  declare _members: ReadonlyMap<string, string> | undefined
  /** As counted from one state to the next, which is not always that of the text. */
  declare _length: number

  constructor(raw = '', members?: ReadonlyMap<string, string>, length = 0) {
    this._header = raw
    this._members = members
    this._length = length
  }

  set(key: string, value: string): TraceState {
    if (!isValid(key, value)) return this
    const members = this._parse()
    const old = members.get(key)
    if (old === undefined && members.size >= MAX_ITEMS) return this
    // What the comma and the equals sign take.
    const added = old === undefined ? key.length + (members.size > 0 ? 2 : 1) : -old.length
    const length = this._length + value.length + added
    return length > MAX_LENGTH ? this : new TraceState('', new Map([[key, value], ...without(members, key)]), length)
  }

  unset(key: string): TraceState {
    const members = this._parse()
    const old = members.get(key)
    if (old === undefined) return this
    const length = this._length - key.length - old.length - (members.size > 1 ? 2 : 1)
    return new TraceState('', without(members, key), length)
  }

  get(key: string): string | undefined {
    return this._parse().get(key)
  }

  serialize(): string {
    return [...this._parse()].map((member) => member.join('=')).join(',')
  }

  _parse(): ReadonlyMap<string, string> {
    if (this._members) return this._members
    const members = new Map<string, string>()
    for (const part of this._header.split(',')) {
      const member = part.trim()
      const at = member.indexOf('=')
      const key = member.slice(0, at)
      const value = member.slice(at + 1)
      const length = this._length + member.length + (members.size > 0 ? 1 : 0)
      if (at < 0 || !isValid(key, value) || length > MAX_LENGTH) continue
      members.set(key, value)
      this._length = length
      if (members.size >= MAX_ITEMS) break
    }
    return (this._members = members)
  }
}

function without(members: ReadonlyMap<string, string>, key: string): Map<string, string> {
  const rest = new Map(members)
  rest.delete(key)
  return rest
}
