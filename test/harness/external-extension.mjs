// An external extension that forwards OTLP, as a collector layer does. Its name is the first argument.
//   FORWARDER_PORT  where it listens
//   FORWARD_TO      base URL of the collector
//   ASK_NEXT        'at-once': asks for the next event as soon as it has handled INVOKE. Spans that reach it later
//                   wait, frozen with it, for the next INVOKE or SHUTDOWN. A number: asks that many ms after INVOKE.
import { createServer, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

const { AWS_LAMBDA_RUNTIME_API, FORWARDER_PORT, FORWARD_TO, ASK_NEXT = 'at-once' } = process.env
const API = `http://${AWS_LAMBDA_RUNTIME_API}/2020-01-01/extension`
const name = process.argv[2] ?? 'external-extension'
let buffered = []

await listen()
const id = await register()
for (let over = false; !over;) {
  const event = await nextEvent()
  await forward()
  over = event.eventType === 'SHUTDOWN'
  if (over || ASK_NEXT === 'at-once') continue
  await sleep(Number(ASK_NEXT))
  await forward()
}
process.exit(0)

/** Takes what it is sent and answers at once: the function waits for this process only, not for the collector. */
function listen() {
  const server = createServer(async (message, response) => {
    const chunks = []
    for await (const chunk of message) chunks.push(chunk)
    const { 'content-type': type, 'content-encoding': encoding } = message.headers
    buffered.push({ path: message.url, type, encoding, body: Buffer.concat(chunks) })
    response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '')
  })
  return new Promise((resolve) => {
    server.listen(Number(FORWARDER_PORT), '127.0.0.1', resolve)
  })
}

async function forward() {
  const batch = buffered
  buffered = []
  for (const { path, type, encoding, body } of batch) {
    const headers = { 'content-type': type, ...(encoding && { 'content-encoding': encoding }) }
    await send('POST', `${FORWARD_TO}${path}`, headers, body).catch((error) => {
      console.error(`${name}: ${error.message}`)
    })
  }
}

async function register() {
  const body = JSON.stringify({ events: ['INVOKE', 'SHUTDOWN'] })
  const reply = await send('POST', `${API}/register`, { 'Lambda-Extension-Name': name }, body)
  if (reply.status !== 200) throw new Error(`register: ${reply.status} ${reply.text}`)
  return reply.headers['lambda-extension-identifier']
}

async function nextEvent() {
  const reply = await send('GET', `${API}/event/next`, { 'Lambda-Extension-Identifier': id })
  return JSON.parse(reply.text)
}

/** node:http and not fetch: the long poll has no time limit, and no socket is reused after a freeze. */
function send(method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, agent: false }, async (response) => {
      const chunks = []
      for await (const chunk of response) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    outgoing.on('error', reject).end(body)
  })
}
