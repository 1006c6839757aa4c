import { randomUUID } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { accept, readBody, refuse, reply } from './api-reply.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiRoutes } from './api-server.ts'
import type { Journal } from './journal.ts'

export interface Agent {
  readonly name: string
  readonly id: string
  readonly external: boolean
  readonly events: readonly string[]
  /** Its open `event/next`. It stays "waiting" when that connection breaks: the platform has no other notion of it. */
  waiting?: ServerResponse | undefined
  /** Events that came while it was not waiting (only SHUTDOWN can). */
  mailbox: object[]
}

export interface ExtensionsApi {
  readonly agents: readonly Agent[]
  routes: ApiRoutes
  /** Called at the runtime's first `/next`. */
  closeRegistration(): void
  /** Init ends only when every agent waits, also one without events. */
  everyAgentWaits(): boolean
  /** An invocation ends only when these wait. */
  everyInvokeAgentWaits(): boolean
  /** To the agents that subscribed to it. */
  publish(event: { eventType: 'INVOKE' | 'SHUTDOWN' } & Record<string, unknown>): void
}

export interface ExtensionsApiOptions {
  journal: Journal
  /** Names of files in `/opt/extensions`; every other name is an internal extension. */
  externalNames: readonly string[]
  /** `refuse`: internal extensions get `Extension.TooManyExtensions`, as if ten others were there. */
  registration: 'allow' | 'refuse'
  identity: { functionName: string; functionVersion: string; handler: string }
  /** An agent registered or began to wait. */
  onChange(): void
  onAgentError(agent: Agent, errorType: string): void
}

type Refusal = [errorType: string, errorMessage: string]

const PREFIX = '/2020-01-01/extension'
const RE_TELEMETRY = /^\/(?:2020-08-15\/logs|2022-07-01\/telemetry)$/
const RE_UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i
const MAX_AGENTS = 10

/** https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html */
export function createExtensionsApi(options: ExtensionsApiOptions): ExtensionsApi {
  const { journal, externalNames, registration, identity, onChange, onAgentError } = options
  const agents: Agent[] = []
  let open = true

  async function register(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request)
    // The runtime announces its first /next on a pipe (see rapid-client.cjs). A byte that was written before this
    // request was sent may be read in the same turn of our loop, but after it: let one whole poll phase pass. The
    // first immediate runs before that poll, the second after it.
    await turn()
    await turn()
    const name = request.headers['lambda-extension-name']
    const asked = parseRegistration(body)
    const refusal = whyRefused(name, asked)
    journal.record('register', {
      name,
      accepted: !refusal,
      ...(refusal && { errorType: refusal[0] }),
    })
    if (refusal) return refuse(response, 403, ...refusal)
    const agent: Agent = {
      name: String(name),
      id: randomUUID(),
      external: externalNames.includes(String(name)),
      events: asked!,
      mailbox: [],
    }
    agents.push(agent)
    const features = String(request.headers['lambda-extension-accept-feature'] ?? '')
    reply(
      response,
      200,
      { ...identity, ...(features.includes('accountId') && { accountId: '123456789012' }) },
      { 'Lambda-Extension-Identifier': agent.id },
    )
    onChange()
  }

  function whyRefused(name: unknown, events: string[] | undefined): Refusal | undefined {
    if (!name) return ['Extension.InvalidExtensionName', 'Empty extension name']
    if (!events) return ['InvalidRequestFormat', 'Invalid request body']
    const external = externalNames.includes(String(name))
    if (!open) return ['Extension.RegistrationClosed', 'Extension registration closed already']
    if (agents.some((agent) => agent.name === name)) {
      return ['Extension.InvalidExtensionState', `${name} is registered already`]
    }
    if (agents.length >= MAX_AGENTS || (registration === 'refuse' && !external)) {
      return ['Extension.TooManyExtensions', `Extension limit (${MAX_AGENTS}) reached`]
    }
    const allowed = external ? ['INVOKE', 'SHUTDOWN'] : ['INVOKE']
    const wrong = events.find((event) => !allowed.includes(event))
    return wrong === undefined ? undefined : ['Extension.InvalidEventType', `${wrong}: not for it`]
  }

  function next(agent: Agent, response: ServerResponse): void {
    if (agent.waiting) {
      return refuse(response, 403, 'Extension.InvalidExtensionState', 'event/next is open already')
    }
    journal.record('extension-next', { name: agent.name })
    agent.waiting = response
    const event = agent.mailbox.shift()
    if (event) deliver(agent, event)
    else onChange()
  }

  function withAgent(request: IncomingMessage, response: ServerResponse, act: (a: Agent) => void) {
    const id = request.headers['lambda-extension-identifier']
    const agent = agents.find((candidate) => candidate.id === id)
    const kind = !id ? 'Missing' : RE_UUID.test(String(id)) ? 'Unknown' : 'Invalid'
    if (agent) act(agent)
    else refuse(response, 403, `Extension.${kind}ExtensionIdentifier`, `identifier: ${id}`)
  }

  return {
    agents,
    closeRegistration() {
      open = false
    },
    everyAgentWaits: () => agents.every((agent) => agent.waiting),
    everyInvokeAgentWaits: () => agents.every((agent) => agent.waiting || !agent.events.includes('INVOKE')),
    publish(event) {
      for (const agent of agents) {
        if (!agent.events.includes(event.eventType)) continue
        if (agent.waiting) deliver(agent, event)
        else agent.mailbox.push(event)
      }
    },
    routes(request, response) {
      const call = `${request.method} ${request.url}`
      if (call === `POST ${PREFIX}/register`) register(request, response).catch(abandoned)
      else if (call === `GET ${PREFIX}/event/next`) {
        withAgent(request, response, (agent) => next(agent, response))
      } else if (call === `POST ${PREFIX}/init/error` || call === `POST ${PREFIX}/exit/error`) {
        withAgent(request, response, (agent) => {
          accept(response)
          const type = request.headers['lambda-extension-function-error-type']
          onAgentError(agent, String(type ?? 'Extension.Error'))
        })
      } else if (request.method === 'PUT' && RE_TELEMETRY.test(request.url ?? '')) {
        // The answer of AWS's own emulator: neither accepted nor an error an extension would die of.
        refuse(response, 202, 'Telemetry.NotSupported', 'Telemetry API is not supported')
      } else return false
      return true
    },
  }
}

/** The process was killed while it was sending. */
function abandoned(): void {}

function deliver(agent: Agent, event: object): void {
  const response = agent.waiting!
  agent.waiting = undefined
  reply(response, 200, event, { 'Lambda-Extension-Event-Identifier': randomUUID() })
}

/** The events asked for; undefined when the body is not a registration. */
function parseRegistration(body: Buffer): string[] | undefined {
  try {
    const { events = [], configurationKeys } = JSON.parse(body.toString())
    // configurationKeys is deprecated and refused by the platform.
    return Array.isArray(events) && configurationKeys === undefined ? events.map(String) : undefined
  } catch {
    return undefined
  }
}
