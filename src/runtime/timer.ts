/** A timer that does not keep the process alive, where there is one that would. */
export function startUnreferenced(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  const timer = setTimeout(run, ms)
  ;(timer as { unref?: () => void }).unref?.()
  return timer
}
