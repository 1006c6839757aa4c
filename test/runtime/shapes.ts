/** Every make of function, class and object that a handler may be; `deed` is what a call of it does. */
import { THROWN } from './thrown.ts'

/** What a call does. */
export type Deed = (this: unknown, ...args: unknown[]) => unknown
type Anything = Record<PropertyKey, unknown>

export const FORMS: Record<string, (deed: Deed) => Function> = {
  plain: (deed) =>
    function plain(this: unknown, _a: unknown, _b: unknown, ..._rest: unknown[]) {
      return new.target ? { made: new.target.name, rest: _rest } : deed.call(this, _a, _b, ..._rest)
    },
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  legacy: (deed) => {
    function Legacy(this: Anything, a: unknown) {
      if (new.target !== Legacy) return deed.call(this, a)
      this['a'] = a
    }
    Legacy.prototype.method = () => 'method'
    return Legacy
  },
  arrow: (deed) => (a: unknown, b: unknown, c: unknown) => deed(a, b, c),
  method: (deed) =>
    ({
      named(this: unknown, a: unknown) {
        return deed.call(this, a)
      },
    }).named,
  async: (deed) =>
    async function (this: unknown, a: unknown) {
      return deed.call(this, a)
    },
  generator: (deed) =>
    function* (this: unknown, a: unknown = 1) {
      yield deed.call(this, a)
    },
  asyncGenerator: (deed) =>
    async function* (this: unknown, a: unknown) {
      yield deed.call(this, a)
    },
  bound: (deed) => deed.bind('bound to this', 'first'),
  proxy: (deed) =>
    new Proxy((...args: unknown[]) => deed(...args), {
      get: (target, key) => (key === 'virtual' ? 1 : Reflect.get(target, key)),
    }),
  withoutPrototype: (deed) => Object.setPrototypeOf(deed.bind(undefined), null),
  inheriting: (deed) =>
    Object.setPrototypeOf(deed.bind(undefined), Object.create(Function.prototype, { inherited: { value: 1 } })),
}

export const CLASSES: Record<string, (deed: Deed) => Function> = {
  base: (deed) =>
    class Base {
      static made = 0
      static #secret = 0
      #own = 1
      field = 'field'
      readonly given: unknown
      constructor(given: unknown) {
        this.given = given
        Base.made++
        if (given === 'throw') throw THROWN
      }
      static create() {
        return new this('created')
      }
      static get secret() {
        return this.#secret
      }
      static set secret(value) {
        this.#secret = value
      }
      static reveal() {
        return ++this.#secret
      }
      get own() {
        return this.#own
      }
      set own(value) {
        this.#own = value
      }
      fetch(...args: unknown[]) {
        return deed.call(this.#own, ...args)
      }
      async later() {
        return this.#own
      }
      *[Symbol.iterator]() {
        yield this.#own
      }
    },
  derived: (deed) => {
    class Parent {
      static inherited = 'static'
      static describe() {
        return `${this.name} ${this.inherited}`
      }
      readonly by: string
      constructor() {
        this.by = new.target.name
      }
      fetch(...args: unknown[]) {
        return deed(...args)
      }
    }
    return class Derived extends Parent {
      static override inherited = 'mine'
      readonly is: boolean
      constructor() {
        super()
        this.is = new.target === Derived
      }
      override fetch(...args: unknown[]) {
        return super.fetch(...args)
      }
    }
  },
  species: () =>
    class List extends Array {
      static override get [Symbol.species]() {
        return Array
      }
    },
  nothing: () => class extends (null as unknown as typeof Object) {},
  overriding: () =>
    // oxlint-disable-next-line typescript/no-extraneous-class
    class Overriding {
      constructor() {
        // oxlint-disable-next-line no-constructor-return
        return [new.target.name]
      }
    },
  choosy: () =>
    // oxlint-disable-next-line typescript/no-extraneous-class
    class Choosy {
      static [Symbol.hasInstance](value: unknown) {
        return this === Choosy && value === 7
      }
      static #own() {}
      static isOne(value: object) {
        return #own in value || value instanceof this
      }
    },
  named: () =>
    // oxlint-disable-next-line typescript/no-extraneous-class
    class {
      static readonly name = 'of my own'
    },
}

export const OBJECTS: Record<string, (deed: Deed) => object> = {
  literal: (deed) => ({ fetch: deed, helper: () => 'help', n: 1 }),
  withoutPrototype: (deed) => Object.assign(Object.create(null), { fetch: deed }),
  inheriting: (deed) => Object.create({ fetch: deed, inherited: 1 }),
  instance: (deed) => new (CLASSES['base']!(deed) as new (given: unknown) => object)('given'),
  accessor: (deed) => {
    let calls = 0
    return {
      get fetch() {
        calls++
        return deed
      },
      set fetch(_value) {
        calls += 10
      },
      toJSON: () => ({ calls }),
      [Symbol.toPrimitive]: () => 'primitive',
    }
  },
  fixed: (deed) => Object.defineProperty({ n: 1 }, 'fetch', { value: deed }),
  map: () => new Map([[1, 2]]),
  array: () => [1, [2]],
  proxy: (deed) => new Proxy({ fetch: deed }, {}),
}
