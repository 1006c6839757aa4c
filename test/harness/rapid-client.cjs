'use strict'
// Preloaded with --require: supplies the runtime interface client's native addon (`rapid-client.node`) in JavaScript.
// It speaks HTTP over a plain socket, because the addon's calls are not visible to an instrumentation of node:http
// either, and because a write to an open socket leaves at once, as the addon's blocking POST does.

const { writeSync } = require('node:fs')
const Module = require('node:module')
const { connect } = require('node:net')

// The addon uses nothing that a function may patch.
const { Promise } = globalThis
const { then } = Promise.prototype

const NEXT_ASKED_FD = 3
const INVOCATION = '/2018-06-01/runtime/invocation'
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':')
const idle = []
let posted

const client = {
  /** The addon asks from a thread, within the microtasks after init: no socket of the event loop is that early. */
  next() {
    announceNext()
    return afterPost()
  },
  done(id, body) {
    post(`${INVOCATION}/${id}/response`, body, {})
  },
  error(id, body, xrayCause) {
    post(`${INVOCATION}/${id}/error`, body, {
      'Lambda-Runtime-Function-XRay-Error-Cause': xrayCause,
    })
  },
}

async function afterPost() {
  await posted
  return toInvocation(await exchange('GET', `${INVOCATION}/next`))
}

/** For the host this is the /next request: registration closes and the freeze may come before the slower real one. */
function announceNext() {
  try {
    writeSync(NEXT_ASKED_FD, 'n')
  } catch {
    // started without the pipe: the /next request itself closes registration
  }
}

/** Sent before it returns; `next` waits for the reply. The addon ignores a refused POST too. */
function post(path, body, headers) {
  posted = then.call(exchange('POST', path, body, headers), undefined, () => {})
}

function toInvocation({ status, headers, body }) {
  if (status !== 200) throw new Error(`Failed to get next invocation, error ${status}`)
  // The addon always sets the trace id and gives the deadline as a number.
  return {
    bodyJson: body,
    headers: {
      'lambda-runtime-trace-id': '',
      ...headers,
      'lambda-runtime-deadline-ms': Number(headers['lambda-runtime-deadline-ms']),
    },
  }
}

function exchange(method, path, body = '', headers = {}) {
  const connection = idle.pop() ?? openConnection()
  const bytes = Buffer.from(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${host}:${port}`,
    'Content-Type: application/json',
    `Content-Length: ${bytes.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ]
  return new Promise((resolve, reject) => {
    connection.pending = { resolve, reject }
    connection.socket.ref()
    connection.socket.write(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), bytes]))
  })
}

function openConnection() {
  const connection = { socket: connect(Number(port), host), pending: undefined }
  let received = []
  connection.socket.setNoDelay(true)
  connection.socket.on('data', (chunk) => {
    received.push(chunk)
    const reply = parseReply(received)
    if (!reply) return
    received = []
    const { resolve } = connection.pending
    connection.pending = undefined
    // The addon holds nothing open while a handler runs: an empty loop must end the process here as it does on AWS.
    connection.socket.unref()
    idle.push(connection)
    resolve(reply)
  })
  connection.socket.on('error', () => {}) // 'close' follows
  connection.socket.on('close', () => {
    const at = idle.indexOf(connection)
    if (at >= 0) idle.splice(at, 1)
    connection.pending?.reject(new Error('the Runtime API closed the connection'))
  })
  return connection
}

/** Undefined while the reply is incomplete. The host always sends a Content-Length. */
function parseReply(chunks) {
  const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine, ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  const bodyEnd = headEnd + 4 + Number(headers['content-length'] ?? 0)
  if (bytes.length < bodyEnd) return undefined
  const body = bytes.toString('utf8', headEnd + 4, bodyEnd)
  return { status: Number(statusLine.split(' ')[1]), headers, body }
}

const load = Module._load
Module._load = function (request, ...rest) {
  if (!request.endsWith('rapid-client.node')) return load.call(this, request, ...rest)
  Module._load = load // the function's own requires are not ours to see
  return client
}
