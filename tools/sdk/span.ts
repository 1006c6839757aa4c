/**
 * A span as the SDK's, in fewer words, and it takes anything: what a user gives throws nothing into their code, as
 * without an SDK, and what no receiver takes, which would refuse all of the request for it, is left out.
 */
import { diag } from '@opentelemetry/api'
import type { Context, HrTime, Link, SpanContext, TimeInput } from '@opentelemetry/api'
import { quietly } from '../../src/runtime/quietly.ts'
import { ADDED, cleanSimpleAttributes, maybeAddAttribute, OVER_LIMIT, takeCuts } from './attributes.ts'
import { toLinks, type Provided, type Values } from './given.ts'
import { add, isHrTime, isTime, SECOND, toHrTime } from './hr-time.ts'

export class SpanImpl {
  declare readonly instrumentationScope: unknown
  declare readonly resource: unknown
  declare readonly parentSpanContext: SpanContext | undefined
  declare readonly kind: number
  declare name: string
  declare attributes: Values
  declare droppedAttributesCount: number
  declare links: object[]
  declare droppedLinksCount: number
  declare startTime: HrTime
  events: object[] = []
  droppedEventsCount = 0
  status: { code: number; message?: string } = { code: 0 }
  endTime: HrTime = [0, 0]
  ended = false
  duration: HrTime = [-1, -1]
  declare readonly _spanContext: SpanContext
  declare readonly _options: Provided
  declare readonly _isTimed: boolean
  declare readonly _clockStart: number
  declare readonly _clockOffset: number
  declare _attributesCount: number

  constructor(
    spanContext: SpanContext,
    parent: SpanContext | undefined,
    scope: unknown,
    name: string,
    kind: number,
    attributes: Values,
    droppedAttributesCount: number,
    links: object[],
    startTime: TimeInput | undefined,
    provided: Provided,
    context: Context,
  ) {
    const now = Date.now()
    this._spanContext = spanContext
    this._options = provided
    this._isTimed = startTime !== undefined && startTime !== null
    this._clockStart = performance.now()
    this._clockOffset = now - (this._clockStart + performance.timeOrigin)
    this._attributesCount = Object.keys(attributes).length
    takeCuts(attributes)
    this.instrumentationScope = scope
    this.resource = provided.resource
    this.parentSpanContext = parent
    this.kind = kind
    this.name = name
    this.attributes = attributes
    this.droppedAttributesCount = droppedAttributesCount
    this.links = links
    this.droppedLinksCount = trim(links, provided.spanLimits.linkCountLimit)
    this.startTime = this._toTime(startTime ?? now)
    provided.spanProcessors[0].onStart(this as never, context)
  }

  spanContext() {
    return this._spanContext
  }

  isRecording(): boolean {
    return !this.ended
  }

  setAttribute(key: string, value: unknown): this {
    return this._change(() => this._setOne(key, value))
  }

  setAttributes(attributes: Values): this {
    return this._change(() => {
      for (const key of Object.keys(attributes)) quietly(() => this._setOne(key, attributes[key]))
    })
  }

  addEvent(name: string, attributes?: unknown, time?: TimeInput): this {
    return this._change(() => {
      const isTimed = isTime(attributes)
      this.events.push({
        name: String(name),
        time: this._toTime(isTimed && !isTime(time) ? attributes : time),
        ...cleanSimpleAttributes(isTimed ? undefined : attributes, this._options.spanLimits),
      })
      this.droppedEventsCount += trim(this.events, this._options.spanLimits.eventCountLimit)
    })
  }

  addLink(link: Link): this {
    return this.addLinks([link])
  }

  addLinks(links: readonly Link[]): this {
    return this._change(() => {
      this.links.push(...toLinks(links, this._options.spanLimits))
      this.droppedLinksCount += trim(this.links, this._options.spanLimits.linkCountLimit)
    })
  }

  setStatus(status: { readonly code: number; readonly message?: unknown }): this {
    return this._change(() => {
      const { code, message } = status
      if (code !== 0 && this.status.code !== 1)
        this.status = { code: code | 0, ...(code === 2 && typeof message === 'string' && { message }) }
    })
  }

  updateName(name: string): this {
    return this._change(() => (this.name = String(name)))
  }

  recordException(exception: Values | string, time?: TimeInput): void {
    this._change(() => {
      const { code, name, message, stack } = (
        typeof exception === 'string' ? { message: exception } : (exception ?? {})
      ) as Values
      const type = code ? String(code) : name
      if (type || message)
        this.addEvent(
          'exception',
          {
            'exception.type': type || undefined,
            'exception.message': message || undefined,
            'exception.stacktrace': stack || undefined,
          },
          time,
        )
    })
  }

  end(time?: TimeInput): void {
    this._change(() => {
      this.endTime = this._toTime(time)
      const [seconds, nanoseconds] = this.startTime
      this.duration = add(this.endTime, [-seconds - 1, SECOND - nanoseconds])
      if (this.duration[0] < 0) {
        this.endTime = [...this.startTime]
        this.duration = [0, 0]
      }
      // It may still be changed.
      const [processor] = this._options.spanProcessors
      processor.onEnding?.(this as never)
      this.ended = true
      processor.onEnd(this as never)
    })
  }

  _setOne(key: string, value: unknown): void {
    const decision = maybeAddAttribute(this.attributes, key, value, this._attributesCount, this._options.spanLimits)
    if (decision === OVER_LIMIT) this.droppedAttributesCount++
    else if (decision === ADDED) this._attributesCount++
  }

  _change(run: () => void): this {
    quietly(() => (this.ended ? diag.warn('span has ended', this.name) : run()))
    takeCuts(this.attributes)
    return this
  }

  /** One that no clock shows is none that was given. */
  _toTime(given: unknown): HrTime {
    let time = given
    if (typeof time === 'number')
      time =
        time <= performance.now()
          ? add(toHrTime(performance.timeOrigin), toHrTime(time + this._clockOffset))
          : toHrTime(time)
    else if (time instanceof Date) time = toHrTime(time.getTime())
    if (isHrTime(time)) return time
    // Whose clock began cannot be known.
    return this._isTimed ? toHrTime(Date.now()) : add(this.startTime, toHrTime(performance.now() - this._clockStart))
  }
}

/** Leaves the newest. Gives how many were more than that. */
function trim(list: object[], limit: number): number {
  return list.splice(0, list.length - limit).length
}
