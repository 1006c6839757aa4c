/** Clocks that can be stopped, also for whoever has taken `now` when it was loaded: to be imported before that. */
let isStopped = false
for (const [clock, stopped] of [
  [Date, 1_750_000_000_123],
  [performance, 9],
] as const) {
  const now = clock.now.bind(clock)
  clock.now = () => (isStopped ? stopped : now())
}

export function whileStopped<T>(run: () => T): T {
  isStopped = true
  try {
    return run()
  } finally {
    isStopped = false
  }
}
