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

  constructor(raw = '', members?: ReadonlyMap<string, string>) {
    this._header = raw
    this._members = members
  }

  set(key: string, value: string): TraceState {
    const state = new TraceState('', new Map([[key, value], ...this._without(key)]))
    return isValid(key, value) && state._parse().size <= MAX_ITEMS && state.serialize().length <= MAX_LENGTH
      ? state
      : this
  }

  unset(key: string): TraceState {
    return new TraceState('', this._without(key))
  }

  get(key: string): string | undefined {
    return this._parse().get(key)
  }

  serialize(): string {
    return [...this._parse()].map((member) => member.join('=')).join(',')
  }

  _without(key: string): Map<string, string> {
    const rest = new Map(this._parse())
    rest.delete(key)
    return rest
  }

  _parse(): ReadonlyMap<string, string> {
    if (this._members) return this._members
    const members = new Map<string, string>()
    let length = -1
    for (const part of this._header.split(',')) {
      const member = part.trim()
      const at = member.indexOf('=')
      const key = member.slice(0, at)
      const value = member.slice(at + 1)
      const longer = length + member.length + 1
      if (at < 0 || !isValid(key, value) || longer > MAX_LENGTH || members.size >= MAX_ITEMS) continue
      members.set(key, value)
      length = longer
    }
    return (this._members = members)
  }
}
