/**
 * A span as the SDK's, in fewer words, and it takes anything: what a user gives throws nothing into their code, as
 * without an SDK, and what no receiver takes, which would refuse all of the request for it, is left out.
 */
import { diag } from '@opentelemetry/api'
import type { Context, HrTime, Link, SpanContext, TimeInput } from '@opentelemetry/api'
import { quietly } from '../../src/runtime/quietly.ts'
import { ADDED, cleanSimpleAttributes, maybeAddAttribute, OVER_LIMIT, takeCuts } from './attributes.ts'
import { toLinks, type Given, type Provided, type Values } from './given.ts'
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

  constructor(given: Given, provided: Provided, context: Context) {
    const now = Date.now()
    const { attributes, links, startTime } = given
    const { linkCountLimit } = provided.spanLimits
    this._spanContext = given.spanContext
    this._options = provided
    this._isTimed = startTime !== undefined && startTime !== null
    this._clockStart = performance.now()
    this._clockOffset = now - (this._clockStart + performance.timeOrigin)
    this._attributesCount = Object.keys(attributes).length
    takeCuts(attributes)
    this.instrumentationScope = given.scope
    this.resource = provided.resource
    this.parentSpanContext = given.parent
    this.kind = given.kind
    this.name = given.name
    this.attributes = attributes
    this.droppedAttributesCount = given.dropped
    this.links = links.slice(-linkCountLimit)
    this.droppedLinksCount = links.length - this.links.length
    this.startTime = this._toTime(startTime ?? now)
    provided.spanProcessor.onStart(this as never, context)
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
      if (this.events.length >= this._options.spanLimits.eventCountLimit) {
        this.events.shift()
        this.droppedEventsCount++
      }
      const isTimed = isTime(attributes)
      this.events.push({
        name: String(name),
        time: this._toTime(isTimed && !isTime(time) ? attributes : time),
        ...cleanSimpleAttributes(isTimed ? undefined : attributes, this._options.spanLimits),
      })
    })
  }

  addLink(link: Link): this {
    return this.addLinks([link])
  }

  addLinks(links: readonly Link[]): this {
    return this._change(() => {
      for (const link of toLinks(links, this._options.spanLimits)) {
        if (this.links.length >= this._options.spanLimits.linkCountLimit) {
          this.links.shift()
          this.droppedLinksCount++
        }
        this.links.push(link)
      }
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
      const seconds = this.endTime[0] - this.startTime[0]
      const nanoseconds = this.endTime[1] - this.startTime[1]
      this.duration = nanoseconds < 0 ? [seconds - 1, nanoseconds + SECOND] : [seconds, nanoseconds]
      if (this.duration[0] < 0) {
        this.endTime = [...this.startTime]
        this.duration = [0, 0]
      }
      // It may still be changed.
      this._options.spanProcessor.onEnding?.(this as never)
      this.ended = true
      this._options.spanProcessor.onEnd(this as never)
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
