/** What the transform of one module takes, in a build that has transformed others before. */
import { parse } from '../src/plugin/parse.ts'
import { transform } from '../src/plugin/transform.ts'
import { createFacts } from '../test/plugin/facts.ts'
import { spreadOf, type Spread } from './statistics.ts'

/** Characters. */
const SIZE = 20_000
const SAMPLES = 400

export interface Transform {
  readonly size: number
  /** Milliseconds, the parse and the source map included. */
  readonly whole: Spread
  /** The parse alone. */
  readonly parse: Spread
}

export function measureTransform(): Transform {
  const code = handlerFile()
  const facts = createFacts('src/orders.ts')
  const { wrapped } = transform(code, facts)
  if (wrapped.length !== 1) throw new Error(`${wrapped.length} handlers are wrapped, not 1`)
  const time = (work: () => void): Spread => {
    const times: number[] = []
    for (let n = -SAMPLES; n < SAMPLES; n++) {
      const started = performance.now()
      work()
      if (n >= 0) times.push(performance.now() - started)
    }
    return spreadOf(times)
  }
  return {
    size: code.length,
    whole: time(() => void transform(code, facts).output!.map.mappings),
    parse: time(() => void parse('orders.ts', code).program),
  }
}

/** Code, comments and types in about the proportion that handlers have them. */
function handlerFile(): string {
  const head =
    "import type { SQSEvent } from 'aws-lambda'\nimport { client, GetItemCommand, type Order } from './orders'\n"
  const tail = `
export const handler = async (event: SQSEvent) => {
  for (const { messageId } of event.Records) await readOrder0(messageId)
  return { ok: true }
}
`
  let body = ''
  for (let n = 0; head.length + body.length + tail.length < SIZE; n++) {
    body += `
/** Reads order ${n}, and what was paid for it: a customer may have paid in parts. */
async function readOrder${n}(id: string, options: { consistent?: boolean } = {}): Promise<Order | undefined> {
  const key = { id: { S: id }, kind: { S: 'order${n}' } }
  const { Item: item } = await client.send(new GetItemCommand({ TableName: 'orders', Key: key, ...options }))
  if (!item) return undefined
  // Older ones have no currency: they were all in euros.
  const total = Number(item.total?.N ?? 0) / 100
  return { id, total, currency: item.currency?.S ?? 'EUR', paid: item.payments?.L?.map((payment) => payment.M!) ?? [] }
}
`
  }
  return head + body + tail
}
