/** A tracer provider as the SDK's, in fewer words: ours gives it one processor, and all else that it needs. */
import { Tracer, type Options } from './tracer.ts'

export class TracerProvider {
  declare readonly _options: Options
  readonly _tracers = new Map<string, Tracer>()

  constructor(options: Options) {
    this._options = options
  }

  getTracer(name: string, version?: string, options?: { readonly schemaUrl?: string }): Tracer {
    const schemaUrl = options?.schemaUrl
    const key = `${name}@${version}:${schemaUrl}`
    const tracer = this._tracers.get(key) ?? new Tracer({ name, version, schemaUrl }, this._options)
    this._tracers.set(key, tracer)
    return tracer
  }

  /** Ours flushes by itself. */
  async forceFlush() {}

  async shutdown() {}
}
