/**
 * True when `work` settled in `ms`. `referenced`: the timer keeps the process alive, because somebody
 * awaits this and the work's own sockets may not.
 */
export async function within(ms: number, work: Promise<unknown>, referenced = false): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<false>((resolve) => {
    const start = (run: () => void, after: number) => {
      timer = setTimeout(run, after)
      if (!referenced) (timer as { unref?: () => void }).unref?.()
    }
    // One more turn: after a thaw the timer is due before the answer in the socket was read.
    start(() => start(() => resolve(false), 0), ms)
  })
  const inTime = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return inTime
}
