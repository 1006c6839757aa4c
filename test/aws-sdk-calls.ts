/** A function that calls AWS in many ways, and the span of each. */

export const CLIENT = 3
const PRODUCER = 4

export const FUNCTION = `
import { Lambda, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { DynamoDBClient, GetItemCommand, BatchGetItemCommand } from '@aws-sdk/client-dynamodb'
import { SQSClient, SendMessageCommand, SendMessageBatchCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs'
import { SNSClient, PublishCommand } from '@aws-sdk/client-sns'
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'

const queue = { QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders' }
const attribute = { DataType: 'String', StringValue: 'v' }
const attributes = (count) => Object.fromEntries(Array.from({ length: count }, (_, n) => ['a' + n, attribute]))
// Frozen: nothing of it is changed.
const freeze = (value) => {
  if (typeof value === 'object' && value && !ArrayBuffer.isView(value)) Object.values(Object.freeze(value)).forEach(freeze)
  return value
}
const own = (value) => Buffer.from(JSON.stringify(value)).toString('base64')
const given = {
  client: { client: { installation_id: '7' }, custom: { mine: 'yes' } },
  owned: { custom: { traceparent: 'mine' } },
  large: { custom: { filler: 'x'.repeat(2600) } },
}
const lambda = new LambdaClient({ cacheMiddleware: true })
const [dynamo, sqs] = [new DynamoDBClient({ maxAttempts: 2 }), new SQSClient({ maxAttempts: 1, useQueueUrlAsEndpoint: false })]
const [sns, events] = [new SNSClient({}), new EventBridgeClient({})]
const send = (client, Command, input) => client.send(new Command(freeze(input)))
const call = (more) => send(lambda, InvokeCommand, { FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:other:live', Payload: '{"a":1}', ...more })
const calls = {
  invoke: () => call({}),
  merged: () => call({ ClientContext: own(given.client) }),
  owned: () => call({ ClientContext: own(given.owned) }),
  large: () => call({ ClientContext: own(given.large) }),
  noJson: () => call({ ClientContext: 'bm8ganNvbg==' }),
  aggregated: () => new Lambda({}).invoke({ FunctionName: 'by-name', Payload: 'null' }),
  callback: () => new Promise((resolve, reject) =>
    lambda.send(new InvokeCommand({ FunctionName: 'called-back' }), (error, output) => (error ? reject(error) : resolve(output)))),
  failing: () => call({ FunctionName: 'failing' }),
  missing: () => send(dynamo, GetItemCommand, { TableName: 'missing', Key: { id: { S: '7' } } }),
  retried: () => send(dynamo, GetItemCommand, { TableName: 'retried', Key: { id: { S: '7' } } }),
  batch: () => send(dynamo, BatchGetItemCommand, { RequestItems: { a: { Keys: [{ id: { S: '7' } }] }, b: { Keys: [{ id: { S: '8' } }] } } }),
  message: () => send(sqs, SendMessageCommand, { ...queue, MessageBody: 'hello' }),
  eight: () => send(sqs, SendMessageCommand, { ...queue, MessageBody: 'hello', MessageAttributes: attributes(8) }),
  ten: () => send(sqs, SendMessageCommand, { ...queue, MessageBody: 'hello', MessageAttributes: attributes(10) }),
  messages: () => send(sqs, SendMessageBatchCommand, { ...queue, Entries: [{ Id: '1', MessageBody: 'a' }, { Id: '2', MessageBody: 'b', MessageAttributes: attributes(10) }] }),
  receive: () => send(sqs, ReceiveMessageCommand, queue),
  topic: () => send(sns, PublishCommand, { TopicArn: 'arn:aws:sns:eu-west-1:123456789012:orders', Message: 'hello' }),
  phone: () => send(sns, PublishCommand, { PhoneNumber: '+491701234567', Message: 'hello' }),
  events: () => send(events, PutEventsCommand, { Entries: [' {"id":12345678901234567890}', '{}', '[1]', '{"traceparent":"mine"}'].map((Detail) => ({ Source: 'shop', DetailType: 'Order', Detail })) }),
  badEvents: () => send(events, PutEventsCommand, { Entries: [{ Source: 'shop', DetailType: 'Order', Detail: '{' }] }),
  aborted: () => {
    const abort = new AbortController()
    setTimeout(() => abort.abort(), 50)
    return lambda.send(new InvokeCommand({ FunctionName: 'hanging' }), { abortSignal: abort.signal })
  },
  refused: () => new LambdaClient({ endpoint: 'http://127.0.0.1:2', maxAttempts: 1 }).send(new InvokeCommand({ FunctionName: 'refused' })),
  invalid: () => send(lambda, InvokeCommand, {}),
}
const toText = (value) => JSON.stringify(value, (key, each) => (key === 'requestId' || key === 'totalRetryDelay' ? undefined : each))
export const handler = async ({ name }) => {
  try {
    const { Payload, ...output } = await calls[name]()
    return { output: toText(output), payload: Payload && Buffer.from(Payload).toString() }
  } catch (error) {
    return { error: [error.name, error.message, error.code, toText(error.$metadata)], isError: error instanceof Error }
  }
}
`

const invoked = (name: string) => ({
  name: 'Lambda.Invoke',
  service: 'Lambda',
  attributes: { 'faas.invoked_name': name, 'faas.invoked_provider': 'aws', 'faas.invoked_region': 'eu-west-1' },
})
const onTables = (method: string, ...tables: string[]) => ({
  name: `DynamoDB.${method}`,
  service: 'DynamoDB',
  attributes: {
    'db.system.name': 'aws.dynamodb',
    'db.operation.name': method,
    'aws.dynamodb.table_names': tables,
    ...(tables.length === 1 && { 'db.collection.name': tables[0] }),
  },
})
const queued = (more: object) => ({
  name: 'send orders',
  service: 'SQS',
  kind: PRODUCER,
  attributes: {
    'messaging.system.name': 'aws.sqs',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': 'orders',
    'aws.sqs.queue.url': 'https://sqs.eu-west-1.amazonaws.com/123456789012/orders',
    ...more,
  },
})

export interface Expected {
  readonly name: string
  readonly service: string
  readonly kind?: number
  readonly attributes: object
  /** Of the answer. */
  readonly status?: number
  readonly error?: string
}

const sent = queued({ 'messaging.message.id': 'message-7' })
export const expected: Readonly<Record<string, Expected>> = {
  invoke: invoked('other'),
  merged: invoked('other'),
  owned: invoked('other'),
  large: invoked('other'),
  noJson: invoked('other'),
  aggregated: invoked('by-name'),
  callback: invoked('called-back'),
  failing: { ...invoked('failing'), error: 'Unhandled' },
  missing: { ...onTables('GetItem', 'missing'), status: 400, error: 'ResourceNotFoundException' },
  retried: {
    ...onTables('GetItem', 'retried'),
    attributes: { ...onTables('GetItem', 'retried').attributes, 'http.request.resend_count': 1 },
  },
  batch: onTables('BatchGetItem', 'a', 'b'),
  message: sent,
  eight: sent,
  ten: sent,
  messages: queued({ 'messaging.batch.message_count': 2 }),
  receive: { name: 'SQS.ReceiveMessage', service: 'SQS', attributes: {} },
  topic: {
    name: 'send orders',
    service: 'SNS',
    kind: PRODUCER,
    attributes: {
      'messaging.system.name': 'aws.sns',
      'messaging.destination.name': 'orders',
      'messaging.message.id': 'message-7',
      'aws.sns.topic.arn': 'arn:aws:sns:eu-west-1:123456789012:orders',
    },
  },
  phone: { name: 'SNS.Publish', service: 'SNS', kind: PRODUCER, attributes: { 'messaging.message.id': 'message-7' } },
  events: { name: 'EventBridge.PutEvents', service: 'EventBridge', attributes: {} },
  badEvents: { name: 'EventBridge.PutEvents', service: 'EventBridge', attributes: {} },
  aborted: {
    ...invoked('hanging'),
    status: NaN,
    attributes: { ...invoked('hanging').attributes, 'unplugin_otel.end_reason': 'cancelled' },
  },
  refused: { ...invoked('refused'), status: NaN, error: 'ECONNREFUSED' },
  invalid: { name: 'Lambda.Invoke', service: 'Lambda', attributes: {}, status: NaN, error: 'Error' },
}
