/**
 * What some services say of a call. A name is read from a field of the input, and nothing else of it: it is the user's.
 * https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
 */
import type { Attributes } from '@opentelemetry/api'
import type { Call, Fields } from './aws-call.ts'

type Names = Readonly<Record<string, string>>

/** Service → field of the input → attribute. */
const INPUTS: Readonly<Record<string, Names>> = {
  DynamoDB: { TableName: 'db.collection.name' },
  S3: { Bucket: 'aws.s3.bucket', Key: 'aws.s3.key', CopySource: 'aws.s3.copy_source', UploadId: 'aws.s3.upload_id' },
  SQS: { QueueUrl: 'aws.sqs.queue.url' },
  SNS: { TopicArn: 'aws.sns.topic.arn' },
  Kinesis: { StreamName: 'aws.kinesis.stream_name' },
  SFN: { stateMachineArn: 'aws.step_functions.state_machine.arn', activityArn: 'aws.step_functions.activity.arn' },
}
/** The same of the output. */
const OUTPUTS: Readonly<Record<string, Names>> = {
  SQS: { MessageId: 'messaging.message.id' },
  SNS: { MessageId: 'messaging.message.id' },
  'Secrets Manager': { ARN: 'aws.secretsmanager.secret.arn' },
}

/** Whether a message is on its way to somebody who may go on with the trace. */
export function isSend({ service, method }: Call): boolean {
  return service === 'SQS' ? method.startsWith('SendMessage') : service === 'SNS' && method.startsWith('Publish')
}

/** @returns the span's `name`, too, where it is not of the service and the method */
export function describeInput(call: Call, input: Fields): { name?: string; attributes: Attributes } {
  const { service, method } = call
  const attributes = pick(INPUTS[service], input)
  if (service === 'DynamoDB') {
    const tables = tablesIn(input)
    Object.assign(attributes, { 'db.system.name': 'aws.dynamodb', 'db.operation.name': method })
    if (tables.length > 0) attributes['aws.dynamodb.table_names'] = tables
  }
  if (service === 'Lambda' && method.startsWith('Invoke') && typeof input['FunctionName'] === 'string') {
    // A name, a partial ARN (123456789012:function:name) or a whole one, each with a version or without.
    const [, name = input['FunctionName']] = /:function:([^:]+)/.exec(input['FunctionName']) ?? []
    attributes['faas.invoked_name'] = name.replace(/:.*/, '')
    attributes['faas.invoked_provider'] = 'aws'
  }
  const target = input['QueueUrl'] ?? input['TopicArn']
  if (!isSend(call)) return { attributes }
  const entries = input['Entries'] ?? input['PublishBatchRequestEntries']
  const destination = typeof target === 'string' ? target.replace(/^.*[:/]/, '') : undefined
  Object.assign(attributes, {
    'messaging.system.name': service === 'SQS' ? 'aws.sqs' : 'aws.sns',
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'send',
    'messaging.destination.name': destination,
    ...(Array.isArray(entries) && { 'messaging.batch.message_count': entries.length }),
  })
  return { ...(destination && { name: `send ${destination}` }), attributes }
}

export function describeOutput({ service }: Call, output: Fields): Attributes {
  return pick(OUTPUTS[service], output)
}

function pick(names: Names = {}, fields: Fields): Attributes {
  const attributes: Attributes = {}
  for (const field in names) {
    const value = fields[field]
    if (typeof value === 'string') attributes[names[field]!] = value
  }
  return attributes
}

/** Of one, of a batch by table, and of a transaction. */
function tablesIn({ TableName: name, RequestItems: batch, TransactItems: transaction }: Fields): string[] {
  if (typeof name === 'string') return [name]
  if (batch) return Object.keys(batch)
  const actions = Array.isArray(transaction) ? transaction.flatMap((item: object) => Object.values(item ?? {})) : []
  const names = actions.map((action: Fields | undefined) => action?.['TableName'])
  return [...new Set(names.filter((each) => typeof each === 'string'))]
}
