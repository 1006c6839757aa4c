/** The loader for Turbopack's `rules`. CommonJS, because that is how Turbopack loads one. */
import type { LoaderResolving, LoaderOptions } from './turbopack.ts'

/** The part of webpack's that Turbopack has. https://webpack.js.org/api/loaders/ */
interface LoaderContext extends LoaderResolving {
  readonly resourcePath: string
  readonly rootContext: string
  getOptions(): LoaderOptions
  addDependency(file: string): void
  async(): (error: unknown, code?: string, map?: unknown) => void
}

function loader(this: LoaderContext, code: string, map: unknown): void {
  const done = this.async()
  import('./turbopack.js')
    .then(async ({ transformModule, loaderResolve }) => {
      const importing = { resolve: loaderResolve(this), watch: (file: string) => this.addDependency(file) }
      const output = await transformModule(code, this.resourcePath, this.rootContext, this.getOptions(), importing)
      if (output) done(null, output.code, output.map)
      else done(null, code, map)
    })
    .catch((error: unknown) => done(error))
}

export = loader
