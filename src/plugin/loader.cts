/** The loader for Turbopack's `rules`. CommonJS, because that is how Turbopack loads one. */
import type { LoaderOptions } from './turbopack.ts'

/** The part of webpack's that Turbopack has. https://webpack.js.org/api/loaders/ */
interface LoaderContext {
  readonly resourcePath: string
  readonly rootContext: string
  getOptions(): LoaderOptions
  async(): (error: unknown, code?: string, map?: unknown) => void
}

function loader(this: LoaderContext, code: string, map: unknown): void {
  const done = this.async()
  import('./turbopack.js')
    .then(({ transformModule }) => {
      const output = transformModule(code, this.resourcePath, this.rootContext, this.getOptions())
      if (output) done(null, output.code, output.map)
      else done(null, code, map)
    })
    .catch((error: unknown) => done(error))
}

export = loader
