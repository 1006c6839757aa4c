/** The HTTP dependency of the order handler; for the measured Worker it stands in for that handler. */
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AddressInfo } from 'node:net'

export interface Shop {
  readonly url: string
  stop(): void
}

export async function startShop(): Promise<Shop> {
  // A frozen function keeps its connections, so the server must not close them in the meantime.
  const server = createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://shop')
    const body = await text(request)
    await sleep(2)
    if (pathname === '/prices') {
      const prices = searchParams.get('items')!.split(',')
      response.end(JSON.stringify(prices.map((item) => item.length)))
    } else if (JSON.parse(body).card === 'expired') {
      response.writeHead(402).end('the card has expired')
    } else {
      response.end(JSON.stringify({ id: 'order-1', total: 17 }))
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
