/** What the stand-ins in `counted/` and the adapters' hooks note, in the process that builds. */
export interface Counts {
  /** Ids that the bundler called into JavaScript for, whatever our JavaScript made of it. */
  readonly asked: string[]
  /** Ids that our transform was given: their code, too, passed the filter. */
  readonly handed: string[]
  /** Specifiers that the bundler called into JavaScript for. */
  readonly resolved: string[]
  /** Files that were parsed. */
  readonly parsed: string[]
}

const KEY = Symbol.for('unplugin-otel.build-cost')

export const counts: Counts = ((globalThis as { [KEY]?: Counts })[KEY] ??= {
  asked: [],
  handed: [],
  resolved: [],
  parsed: [],
})
