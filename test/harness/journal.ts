/** One thing that happened in a test. `at` is `performance.now()` of the test's own process. */
export interface Entry {
  at: number
  seq: number
  type: string
  [detail: string]: unknown
}

export interface Journal {
  readonly entries: Entry[]
  record(type: string, detail?: Record<string, unknown>): Entry
  of(type: string): Entry[]
}

/**
 * The Lambda host and the OTLP receiver of one test run in one process and write into one journal,
 * so "the export began after the response had left" is a comparison of two numbers from one clock.
 */
export function createJournal(): Journal {
  const entries: Entry[] = []
  return {
    entries,
    record(type, detail) {
      const entry: Entry = { ...detail, at: performance.now(), seq: entries.length, type }
      entries.push(entry)
      return entry
    },
    of: (type) => entries.filter((entry) => entry.type === type),
  }
}
