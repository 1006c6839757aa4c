/** What esbuild is told to ask JavaScript about: every other module stays in Go. */
import type { Pipeline } from './index.ts'

/** A Go regular expression that matches the modules the transform may touch, and as little else as possible. */
export function toFilter({
  options,
  build: { entries },
  project: { links },
}: Pick<Pipeline, 'options' | 'build' | 'project'>): RegExp {
  const isWide = options.include.length > 0 || links.size > 0 || entries.some((entry) => entry.includes('*'))
  if (isWide) return /\.[cm]?[jt]sx?$/
  const paths = entries.map((entry) =>
    entry
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('/', '[\\\\/]')
      // A drive of Windows is `c:` in some terminals.
      .replace(/^[A-Z](?=:)/, (drive) => `[${drive}${drive.toLowerCase()}]`),
  )
  return new RegExp(`^(${paths.join('|')})([\\\\/]index)?(\\.[cm]?[jt]sx?)?$`)
}
