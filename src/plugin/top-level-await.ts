/** Whether bundlers allow `await` at the top level of what they emit for these targets. */

/** Since es2022 and node14.8; a target that says nothing of either allows it. */
export function allowsTopLevelAwait(targets: readonly string[]): boolean {
  return targets.every((target) => {
    const [, name, version] = /^(es|node)(\d+(?:\.\d+)?)/i.exec(target) ?? []
    if (name === 'es') return Number(version) >= 2022 || (Number(version) >= 13 && Number(version) < 100)
    return name !== 'node' || Number(version?.split('.')[0]) >= 16
  })
}
