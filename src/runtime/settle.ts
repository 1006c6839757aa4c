/** Waits until `work` is over, however that is. */
export async function settle(work: PromiseLike<unknown>): Promise<void> {
  try {
    await work
  } catch {
    // Whoever else waits for it will know.
  }
}
