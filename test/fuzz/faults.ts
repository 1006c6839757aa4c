/** Callbacks that users and platforms give us, and what may go wrong with each. */
import * as fc from 'fast-check'

/** What a callback does instead of what it should. */
export const DEEDS = {
  'throws an error': () => {
    throw new Error('fault')
  },
  'throws nothing': () => {
    throw undefined
  },
  'throws what has no text': () => {
    throw hostile()
  },
  rejects: () => Promise.reject(new Error('fault')),
  'rejects with nothing': () => Promise.reject(null),
  'never settles': () => new Promise(() => {}),
  'gives nothing': () => undefined,
  'gives null': () => null,
  'gives what has no text': () => hostile(),
  'gives a thenable that throws': () => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then() {
      throw new Error('fault')
    },
  }),
  'gives a thenable that calls twice': () => ({
    // oxlint-disable-next-line unicorn/no-thenable
    then(done: (value: unknown) => void, fail: (error: unknown) => void) {
      done(1)
      fail(new Error('fault'))
      done(2)
      throw new Error('fault')
    },
  }),
} satisfies Record<string, () => unknown>

/** Nobody looks at what the others give. */
const AWAITED = new Set(['forceFlush', 'fetch', 'fetch body', 'body pull', 'body cancel', 'start of the body'])

/** Whatever is asked of it, it throws. */
export function hostile(): object {
  const fail = () => {
    throw new Error('hostile')
  }
  return new Proxy(Object.create(null), {
    get: fail,
    has: fail,
    ownKeys: fail,
    getPrototypeOf: fail,
    getOwnPropertyDescriptor: fail,
  })
}

export interface Fault {
  readonly at: string
  readonly deed: keyof typeof DEEDS
  /** How often it goes well before. */
  readonly after: number
}

/** @param places where each of them may go wrong */
export function faultsAt(places: readonly string[]): fc.Arbitrary<readonly Fault[]> {
  const fault = fc.record<Fault>({
    at: fc.constantFrom(...places),
    deed: fc.constantFrom(...(Object.keys(DEEDS) as (keyof typeof DEEDS)[])),
    after: fc.constantFrom(0, 0, 0, 1, 2),
  })
  return fc.uniqueArray(fault, { minLength: 1, maxLength: 3, selector: ({ at }) => at })
}

export interface Faulty {
  /** The callback, which goes wrong as planned. */
  <Args extends unknown[], R>(at: string, run: (...args: Args) => R): (...args: Args) => R
  /** Those that were asked for. */
  readonly happened: Set<string>
}

export function createFaulty(faults: readonly Fault[]): Faulty {
  const happened = new Set<string>()
  const faulty = <Args extends unknown[], R>(at: string, run: (...args: Args) => R): ((...args: Args) => R) => {
    const fault = faults.find((each) => each.at === at)
    if (!fault) return run
    // The handler asks them, too: how often we do must not count.
    let after = at === 'waitUntil' || at === 'ctx' ? 0 : fault.after
    return function (this: unknown, ...args: Args): R {
      if (after-- > 0) return Reflect.apply(run, this, args)
      happened.add(at)
      const isLost = fault.deed.startsWith('rejects') && !AWAITED.has(at)
      return DEEDS[isLost ? 'throws an error' : fault.deed]() as never
    }
  }
  return Object.assign(faulty, { happened })
}
