/**
 * What is not over when a function returns it, an iterator or a thenable that begins to work when somebody waits for it,
 * is seen through a Proxy: nothing of it is called that its owner does not call, nor later, nor twice.
 */
import { quietly } from '../quietly.ts'
import { isThenable } from '../thenable.ts'

/** What observes something that is not over yet. */
export interface Observer {
  /** Runs what is asked of it, in its context. */
  readonly enter: <T>(run: () => T) => T
  /** It is over. */
  readonly end?: (reason?: 'cancelled') => void
  readonly fail?: (error: unknown) => void
  /** In the place of `end`, where it settled with a value: gives that, or what stands in for it. */
  readonly settle?: <T>(value: T) => T
}

/** Undefined: there are no steps to observe. */
export function observeSteps<T>(value: T, observer: Observer): T | undefined {
  if (isIterator(value)) return standIn(value, stepsOf(value, observer))
  if (isThenable(value) && !(value instanceof Promise)) return standIn(value, thenOf(value, observer))
  return undefined
}

/** Lists and streams are iterable, too, but have no steps of their own. */
export function isIterator(value: unknown): value is Stepping {
  if (Object(value) !== value) return false
  const object = value as Partial<Stepping> & object
  return typeof object.next === 'function' && (Symbol.iterator in object || Symbol.asyncIterator in object)
}

type Call = (...args: unknown[]) => unknown
type Stepping = Record<'next' | 'return' | 'throw', Call>

function stepsOf(target: Stepping, { enter, end, fail }: Observer): Record<string, Call> {
  const failed = (error: unknown): never => {
    quietly(() => fail?.(error))
    throw error
  }
  const toStep = (name: keyof Stepping): Call => {
    const stepped = <R>(result: R): R => {
      const isDone = quietly(() => (result as { done?: unknown } | undefined)?.done)
      // Some that are told to return do not say that they have.
      if (isDone || (name === 'return' && isDone === undefined)) quietly(() => end?.())
      return result
    }
    return (...args) => {
      let result: unknown
      try {
        result = enter(() => Reflect.apply(target[name], target, args))
      } catch (error) {
        return failed(error)
      }
      return end && isThenable(result) ? result.then(stepped, failed) : stepped(result)
    }
  }
  const names = ['next', 'return', 'throw'] as const
  return Object.fromEntries(names.filter((name) => name in target).map((name) => [name, toStep(name)]))
}

type Then = (fulfilled?: Call | null, rejected?: Call | null) => unknown

function thenOf(target: PromiseLike<unknown>, { enter, settle, fail }: Observer): Record<string, Call> {
  const then: Then = (fulfilled, rejected) =>
    enter(() =>
      target.then(
        (value: unknown) => {
          const given = settle ? settle(value) : value
          return typeof fulfilled === 'function' ? fulfilled(given) : given
        },
        (error: unknown) => {
          quietly(() => fail?.(error))
          if (typeof rejected === 'function') return rejected(error)
          throw error
        },
      ),
    )
  // It stands in for one.
  // oxlint-disable-next-line unicorn/no-thenable
  const steps: Record<string, Call> = { then: then as Call }
  if ('catch' in target) steps['catch'] = (rejected) => then(undefined, rejected as Call)
  if ('finally' in target) {
    // It is defined by `then`, of whatever it is called on.
    // oxlint-disable-next-line unicorn/no-thenable
    steps['finally'] = (run) => Reflect.apply(Promise.prototype.finally, { constructor: Promise, then }, [run])
  }
  return steps
}

/** What every iterator has: defined by its steps, of whatever it is called on. */
const SHARED = /* @__PURE__ */ [/* @__PURE__ */ (function* () {})(), /* @__PURE__ */ (async function* () {})()].map(
  toShared,
)

function toShared(iterator: object): object {
  const above: object = Object.getPrototypeOf(iterator)
  return above === Object.prototype ? iterator : toShared(above)
}

function standIn<T extends object>(target: T, steps: Readonly<Record<PropertyKey, Call>>): T {
  const known = new WeakMap<object, Call>()
  const proxy: T = new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function' || isFixed(target, key)) return value
      if (Object.hasOwn(steps, key)) return steps[key]
      if (SHARED.some((shared) => Reflect.get(shared, key) === value)) return value
      // What has private members is called itself.
      const call = known.get(value) ?? boundTo(value as Call)
      known.set(value, call)
      return call
    },
  })
  return proxy

  function boundTo(method: Call): Call {
    return new Proxy(method, {
      apply(_, self, args) {
        const result = Reflect.apply(method, self === proxy ? target : self, args)
        return result === target ? proxy : result
      },
    })
  }
}

/** An invariant of Proxies. */
function isFixed(target: object, key: PropertyKey): boolean {
  const own = Object.getOwnPropertyDescriptor(target, key)
  return own?.configurable === false && own.writable === false
}
