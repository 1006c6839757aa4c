/** `firebase-functions`: what it registers is wrapped by what stands in for its entries, in `firebase/`. */
import { createInstaller } from '../installer.ts'
import { onCall, onEvent, onRequest } from '../platforms/firebase.ts'

const { install, wrap } = /* @__PURE__ */ createInstaller()
export { install }

// oxlint-disable-next-line typescript/no-explicit-any
type Sdk = any

/** `onRequest(options, handler)`, `beforeUserCreated(handler)`; `onInit` is no trigger. */
const REGISTRAR = /^(?!onInit$)(on|before|after)[A-Z]/
/** What has registrars as members. */
const NAMESPACES = new Set(
  (
    'ai alerts analytics appDistribution auth billing crashlytics database dataconnect eventarc firestore https ' +
    'identity performance pubsub remoteConfig scheduler storage tasks testLab'
  ).split(' '),
)
/** Functions of the first generation: what they return leads to registrars, `region('…').https.onCall(handler)`. */
const BUILDERS = new Set(
  (
    'bucket database document event instance namespace object ref region runWith schedule taskQueue testMatrix ' +
    'topic user'
  ).split(' '),
)

/** The same object is observed as the same one. */
const observed = new WeakMap<object, object>()

/** The SDK's exports, or one of its namespaces: registrars wrap the handler, and all else is what it was. */
export function observe(sdk: Sdk): Sdk {
  return once(sdk, () => {
    // A bundler may have frozen it, and then a proxy must give what is there.
    const shown = {}
    for (const name of Object.keys(sdk)) {
      Object.defineProperty(shown, name, { enumerable: true, get: () => observeMember(name, sdk[name]) })
    }
    return shown
  })
}

/** `import functions from`: of a CommonJS package, that is all that it exports. */
export function observeDefault(sdk: Sdk): Sdk {
  return observe((Reflect.get(sdk, 'default') as Sdk) ?? sdk)
}

function observeMember(name: string, value: Sdk): Sdk {
  if (typeof value === 'function') {
    if (REGISTRAR.test(name)) return observeRegistrar(name, value)
    return BUILDERS.has(name) ? observeBuilding(value) : value
  }
  return typeof value === 'object' && value && NAMESPACES.has(name) ? observe(value) : value
}

function observeRegistrar(name: string, registrar: Sdk): Sdk {
  const kind = name === 'onRequest' ? onRequest : /^onCall(Genkit)?$/.test(name) ? onCall : onEvent
  return once(registrar, () =>
    apply(registrar, (args, call) => {
      const at = args.findLastIndex((arg) => typeof arg === 'function')
      // As many arguments as it got: the SDK counts them.
      return call(args.map((arg, n) => (n === at ? wrap(kind as typeof onEvent, arg, nameOf(arg) || name) : arg)))
    }),
  )
}

function observeBuilding(build: Sdk): Sdk {
  return once(build, () =>
    apply(build, (args, call) => {
      const built = call(args)
      return typeof built === 'object' && built ? observeBuilder(built) : built
    }),
  )
}

function observeBuilder(builder: Sdk): Sdk {
  return once(
    builder,
    () =>
      new Proxy(builder, {
        get(_, name) {
          const value = Reflect.get(builder, name)
          if (typeof name === 'symbol' || name === 'constructor') return value
          if (typeof value === 'object' && value && NAMESPACES.has(name)) return observeBuilder(value)
          if (typeof value !== 'function') return value
          // Its `this` is the builder itself, and what it returns may be that one, too.
          const bound = value.bind(builder)
          return REGISTRAR.test(name) ? observeRegistrar(name, bound) : observeBuilding(bound)
        },
      }),
  )
}

function apply(target: Sdk, run: (args: unknown[], call: (args: unknown[]) => Sdk) => Sdk): Sdk {
  return new Proxy(target, {
    apply: (_, self, args) => run(args, (given) => Reflect.apply(target, self, given)),
  })
}

function once(target: object, create: () => object): Sdk {
  let found = observed.get(target)
  if (!found) observed.set(target, (found = create()))
  return found
}

function nameOf(handler: unknown): string {
  return (handler as { name?: string }).name ?? ''
}
