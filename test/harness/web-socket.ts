/** Says `texts` to a WebSocket at once, and resolves with as many answers. */
export function talk(url: URL, texts: readonly string[]): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const answers: unknown[] = []
    const socket = new WebSocket(new URL(url.pathname, url.origin.replace(/^http/, 'ws')))
    socket.addEventListener('open', () => {
      for (const text of texts) socket.send(text)
    })
    socket.addEventListener('message', ({ data }) => {
      if (answers.push(data) < texts.length) return
      socket.close()
      resolve(answers)
    })
    socket.addEventListener('error', reject)
  })
}
