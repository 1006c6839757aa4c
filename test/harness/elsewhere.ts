/** Another origin, to which a receiver redirects: nobody may ask there, and no header may come there. */
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Elsewhere {
  /** Of every request, in order of arrival. */
  readonly requests: readonly IncomingHttpHeaders[]
  /** `http://127.0.0.1:<port>`; listens from the first time on. */
  url(): Promise<string>
  stop(): void
}

export function createElsewhere(): Elsewhere {
  const requests: IncomingHttpHeaders[] = []
  let server: Server | undefined
  return {
    requests,
    async url() {
      if (!server) {
        const opening = createServer(({ headers }, response) => {
          requests.push(headers)
          response.end('{}')
        })
        await new Promise<void>((resolve, reject) => opening.once('error', reject).listen(0, '127.0.0.1', resolve))
        server = opening
      }
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    },
    stop() {
      server?.close()
      server?.closeAllConnections()
    },
  }
}
