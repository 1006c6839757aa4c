/** Functions, classes and objects of every make, for a property test: each recipe gives an equal twin each time. */
import * as fc from 'fast-check'
import { CLASSES, FORMS, OBJECTS, type Deed } from './shapes.ts'
import { THROWN } from './thrown.ts'

const KEYS = ['own', 'use', '__endpoint', '7', Symbol.for('aws.lambda.runtime.handler.streaming'), Symbol.toStringTag]
const LOCKS = [<T>(it: T) => it, Object.preventExtensions, Object.seal, Object.freeze]

/** A property as `Object.defineProperty` takes it. */
interface Member {
  readonly key: PropertyKey
  readonly value: unknown
  readonly isAccessor: boolean
  readonly enumerable: boolean
  readonly configurable: boolean
  readonly writable: boolean
}

const member: fc.Arbitrary<Member> = fc.record({
  key: fc.constantFrom<PropertyKey>(...KEYS),
  value: fc.constantFrom<unknown>(1, 'text', undefined, null, 'function'),
  isAccessor: fc.boolean(),
  enumerable: fc.boolean(),
  configurable: fc.boolean(),
  writable: fc.boolean(),
})

/** What a call does. */
const DEEDS = {
  value: () => 42,
  self(this: unknown) {
    return this
  },
  args: (...args: unknown[]) => args,
  throws: () => {
    throw THROWN
  },
  throwsPrimitive: () => {
    throw 'a string'
  },
  resolves: () => Promise.resolve(1),
  rejects: async () => {
    throw THROWN
  },
  // It runs when somebody waits for it, once for each.
  lazy: () => {
    let runs = 0
    // oxlint-disable-next-line unicorn/no-thenable
    return { then: (done: (value: unknown) => void) => void done(++runs) }
  },
} satisfies Record<string, (...args: never[]) => unknown>

/** Also what is put on it from outside, and how far it is locked then. */
function arbitrary<T extends object>(forms: Record<string, (deed: Deed) => T>): fc.Arbitrary<() => T> {
  return fc
    .record({
      form: fc.constantFrom(...Object.keys(forms)),
      deed: fc.constantFrom(...Object.keys(DEEDS)),
      members: fc.array(member, { maxLength: 3 }),
      lock: fc.constantFrom(...LOCKS.keys()),
    })
    .map(({ form, deed, members, lock }) => {
      const make = () => {
        const it = forms[form]!(DEEDS[deed as 'value'] as Deed)
        for (const { key, value, isAccessor, writable, ...rest } of members) {
          // The text of an array is that of its elements, and the text of a function is left out.
          const stored = value === 'function' && key !== '7' ? () => 'called' : value
          Reflect.defineProperty(
            it,
            key,
            isAccessor ? { ...rest, get: () => stored } : { ...rest, value: stored, writable },
          )
        }
        return LOCKS[lock]!(it) as T
      }
      return Object.assign(make, {
        [fc.toStringMethod]: () =>
          JSON.stringify([form, deed, members.map(({ key, ...rest }) => [String(key), rest]), lock]),
      })
    })
}

export const functions = arbitrary(FORMS)
export const classes = arbitrary(CLASSES)
export const objects = arbitrary(OBJECTS)
