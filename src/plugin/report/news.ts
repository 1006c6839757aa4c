/** A build that is watched has a report after each rebuild: it is said when it is another one. */
import type { Finished } from './report.ts'

/** Whether a report differs from the one before. */
export type News = (finished: Finished) => boolean

export function createNews(): News {
  let last: string | undefined
  return ({ facts }) => {
    // The source around a position is no fact about it.
    const said = JSON.stringify(facts, (key, value: unknown) => (key === 'frame' ? undefined : value))
    const isNew = said !== last
    last = said
    return isNew
  }
}
