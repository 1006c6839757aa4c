/** A collector that answers at once, in a process of its own: its work is not on the function's account. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

let requests = 0

const server = createServer((message, response) => {
  message.resume()
  message.on('end', () => {
    requests++
    response.setHeader('content-type', 'application/json')
    response.end('{}')
  })
})
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))

/** Asked how many it got since the last time. */
process.on('message', () => {
  process.send!(requests)
  requests = 0
})
process.on('disconnect', () => process.exit())
