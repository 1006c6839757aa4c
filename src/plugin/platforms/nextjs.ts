/** Next.js at build time. The run-time half is `runtime/platforms/nextjs.ts`. */
import { relative } from 'pathe'
import type * as Runtime from '../../runtime/platforms/nextjs.ts'
import { definePlatform, exported } from '../define-platform.ts'
import type { Project } from '../project.ts'

/** https://nextjs.org/docs/app/api-reference/file-conventions/route#http-methods */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
/** Plugins that Next adds to webpack for its Node and its edge runtime. */
const NEXT_PLUGINS = ['PagesManifestPlugin', 'MiddlewarePlugin']
/** `pageExtensions` may have others, which `withOtel()` knows. https://nextjs.org/docs/app/api-reference/config/next-config-js/pageExtensions */
export const PAGE_EXTENSIONS = ['tsx', 'ts', 'jsx', 'js']

export default definePlatform<typeof Runtime>()({
  id: 'nextjs',
  docs: 'https://nextjs.org/docs/app/api-reference/file-conventions/route',
  hosts: { node: 'next-server', edge: 'next-edge' },
  detect({ bundler: { plugins } }) {
    const because = plugins.includes('withOtel') ? 'withOtel()' : plugins.find((name) => NEXT_PLUGINS.includes(name))
    return because ? { signal: 'bundler', because } : undefined
  },
  // With others, `withOtel()` has told the bundler's.
  entries: ({ bundler }) => (bundler.plugins.includes('withOtel') ? [] : nextEntries(bundler.root, PAGE_EXTENSIONS)),
  context: ({ bundler }) =>
    bundler.conditions.includes('edge-light') ? { context: 'global', because: 'the edge runtime' } : undefined,
  // https://nextjs.org/docs/app/api-reference/functions/generate-static-params
  notHandlers: ['generateStaticParams'],
  kinds: 'kinds/nextjs',
  handlers: {
    onRoute: exported((file, project) => (kindOf(file, project) === 'route' ? METHODS : [])),
    onApi: exported((file, project) => (kindOf(file, project) === 'api' ? ['default'] : [])),
    onProxy: exported((file, project) => {
      const kind = kindOf(file, project)
      return kind === 'proxy' || kind === 'middleware' ? ['default', kind] : []
    }),
  },
})

/** Globs of the modules that Next calls. */
export function nextEntries(folder: string, pageExtensions: readonly string[]): string[] {
  // It may be called `[shop]`, or be `**`.
  const root = folder.replace(/[[\]{}]/g, '\\$&')
  const extensions = pageExtensions.length > 1 ? `{${pageExtensions.join(',')}}` : pageExtensions[0]
  return [
    `${root}/{app,src/app}/**/route.${extensions}`,
    `${root}/{pages,src/pages}/api/**/*.${extensions}`,
    `${root}/{proxy,src/proxy}.${extensions}`,
    `${root}/{middleware,src/middleware}.${extensions}`,
  ]
}

function kindOf(file: string, { bundler }: Project): string {
  const path = relative(bundler.root, file).replace(/^src\//, '')
  return path.startsWith('pages/') ? 'api' : path.replace(/^.*\//, '').replace(/\..*$/, '')
}
