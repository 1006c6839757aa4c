/** What a server of the tests listens with: on a port of the system's choice, which it prints. */
import type { AddressInfo } from 'node:net'

interface Listening {
  listen(port: number, host: string, listening: () => void): { address(): AddressInfo | string | null }
}

export function listen<S extends Listening>(server: S): S {
  const listening = server.listen(0, '127.0.0.1', () => {
    const { port } = listening.address() as AddressInfo
    console.log(`listening on ${port}`)
  })
  return server
}
