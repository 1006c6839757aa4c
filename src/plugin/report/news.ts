/** A build that is watched has a report after each rebuild: it is said when it is another one. */

/** Whether what is said differs from what was said before. @param of one of several outputs, which are said by themselves */
export type News = (said: { readonly facts: unknown }, of?: string) => boolean

export function createNews(): News {
  const lasts = new Map<string, string>()
  return ({ facts }, of = '') => {
    // The source around a position is no fact about it.
    const said = JSON.stringify(facts, (key, value: unknown) => (key === 'frame' ? undefined : value))
    const isNew = said !== lasts.get(of)
    lasts.set(of, said)
    return isNew
  }
}
