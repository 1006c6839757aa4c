/** What only hints at something must not end a build, whatever an output or a project looks like. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
