/** What the build did, said once: platform and why, each handler, each near-miss and what to do. */
import type { Build } from './build.ts'
import type { Context } from './define-platform.ts'
import type { WrappedHandler } from './emit.ts'
import { platformIds } from './known-platforms.ts'
import type { Position } from './position.ts'
import type { NearMiss } from './transform.ts'

export interface Report {
  add(path: string, wrapped: readonly WrappedHandler[], nearMisses: readonly NearMiss[]): void
  note(text: string): void
  /** A module imports what an installer stands in for. */
  redirect(): void
  /** Whether the output needs what goes with wrapped handlers. */
  mayHaveWrapped(mayBeCached?: boolean): boolean
  /** @param mayBeCached entries that were not read may have been wrapped by an earlier build */
  finish(mayBeCached?: boolean): Finished
}

export interface Finished {
  readonly summary: string
  /** Set when nothing was wrapped, or a module could not be read. */
  readonly warning: string | undefined
  /** Handlers that are wrapped. */
  readonly count: number
}

/** Of one module. Generated ones export thousands of functions. */
const MAX_LEFT = 20

export function createReport(build: Build): Report {
  // By file: a watch build reports a module again.
  const modules = new Map<string, { wrapped: readonly WrappedHandler[]; nearMisses: readonly NearMiss[] }>()
  const notes = new Set<string>()
  let isRedirected = false
  const isCached = (mayBeCached: boolean) =>
    mayBeCached && build.platform !== undefined && modules.size < build.entries.length
  return {
    add(path, wrapped, nearMisses) {
      modules.set(path, { wrapped, nearMisses })
    },
    note(text) {
      notes.add(text)
    },
    redirect() {
      isRedirected = true
    },
    mayHaveWrapped(mayBeCached = false) {
      return isCached(mayBeCached) || [...modules.values()].some(({ wrapped }) => wrapped.length > 0)
    },
    finish(mayBeCached = false) {
      const { platform, target, because, context } = build
      const lines = [
        platform ? `[unplugin-otel] ${platform.id}, ${target} (${because})` : `[unplugin-otel] no platform: ${because}`,
      ]
      if (context) lines.push(`  context  ${CONTEXTS[context.context]} (${context.because})`)
      const unread: string[] = []
      let count = 0
      for (const [path, { wrapped, nearMisses }] of modules) {
        const at = ({ line, column }: Position) => `${path}:${line}:${column}`
        for (const each of wrapped) {
          const isUsed = !each.redirects || isRedirected
          if (isUsed) lines.push(`  wrapped  ${at(each)} ${each.name} (${each.kind})`)
          else lines.push(`  left     ${at(each)} ${each.name}: no module imports it`)
          if (isUsed) count++
        }
        for (const each of nearMisses.slice(0, MAX_LEFT)) lines.push(`  left     ${at(each)} ${each.name}: ${each.why}`)
        if (nearMisses.length > MAX_LEFT) lines.push(`  left     ${path}: ${nearMisses.length - MAX_LEFT} more`)
        for (const each of nearMisses) if (each.isUnread) unread.push(unreadWarning(path, at(each), each.why))
      }
      for (const note of notes) lines.push(`  note     ${note}`)
      const isRestCached = isCached(mayBeCached)
      if (isRestCached) lines.push('  cached   by the bundler: the rest, as an earlier build wrapped it')
      const summary = lines.join('\n')
      if (unread.length > 0) return { summary, warning: unread.join('\n'), count }
      return { summary, warning: count > 0 || isRestCached ? undefined : nothingWrapped(build), count }
    },
  }
}

const CONTEXTS: Readonly<Record<Context, string>> = {
  als: 'AsyncLocalStorage',
  global: 'AsyncLocalStorage',
  stack: "until the first await; add 'nodejs_als' to compatibility_flags for spans after it",
}

function unreadWarning(path: string, at: string, why: string): string {
  return (
    `[unplugin-otel] ${at} ${why}\n` +
    `Nothing in it is wrapped. Correct it, or leave it out with exclude: ['${path}'] in otel().`
  )
}

function nothingWrapped({ platform, because, entries }: Build): string {
  if (!platform) {
    const ids = platformIds.map((id) => `'${id}'`).join(' or ')
    return `[unplugin-otel] nothing is wrapped: ${because}\nSet platform: ${ids} in otel().`
  }
  return (
    `[unplugin-otel] nothing is wrapped: no handler export for ${platform.id} in ${entries.length > 0 ? entries.join(', ') : 'the entries'}\n` +
    `Name the exports with handlers: ['…'], or the modules with include: ['…'], in otel(). ${platform.docs}`
  )
}
