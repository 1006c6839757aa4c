/** What was received, as text that is the same for every bundler: a section for each fixture. */
import { toTraces, type ReceivedSpan, type SpanNode } from '../../src/cli/otlp-span.ts'

/** Of the process and the moment, not of the fixture. */
const VARYING =
  /^(faas\.coldstart|faas\.invocation[._]id|code\.file\.path|exception\.stacktrace|unplugin_otel\.time_to_first_byte)$/
const KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer']

export type Sections = ReadonlyMap<string, string>

/** @param fixtures by where each is in its project */
export function toSections(
  spans: readonly ReceivedSpan[],
  fixtures: ReadonlyMap<string, string> = new Map(),
): Sections {
  const found = new Map<string, string[]>()
  for (const { roots } of toTraces(spans)) {
    for (const root of roots) {
      const file = String(root.attributes['code.file.path'])
      const fixture = fixtures.get(file) ?? file.replace('src/', '')
      found.set(fixture, [...(found.get(fixture) ?? []), describe(root, '')])
    }
  }
  // Requests overtake each other.
  return new Map(Array.from(found, ([fixture, roots]) => [fixture, roots.toSorted().join('')]))
}

export function toText(sections: Sections): string {
  const sorted = [...sections].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return sorted.map(([fixture, text]) => `${fixture}\n${text}`).join('\n')
}

export function fromText(text: string): Sections {
  return new Map(
    text.split(/\n\n/).map((section) => {
      const [fixture, ...lines] = section.trimEnd().split('\n')
      return [fixture!, lines.map((line) => `${line}\n`).join('')] as const
    }),
  )
}

function describe({ name, kind, status, attributes, events, links, children }: SpanNode, indent: string): string {
  const kept = (all: object) =>
    JSON.stringify(
      Object.fromEntries(
        Object.entries(all)
          .filter(([key]) => !VARYING.test(key))
          .toSorted(),
      ),
    )
  const ended = status.code === 0 ? '' : ` status ${status.code} ${status.message ?? ''}`
  const lines = [
    `${indent}  ${name} (${KINDS[kind]})${ended}${links.length > 0 ? ` links ${links.length}` : ''} ${kept(attributes)}\n`,
    ...events.map((event) => `${indent}    ! ${event.name} ${kept(event.attributes)}\n`),
    ...children.map((child) => describe(child, `${indent}  `)),
  ]
  return lines.join('')
}
