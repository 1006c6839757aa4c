import type { SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { printInvoice, type Order } from './print.ts'

/** Orders that could not be printed are named, so that only they come again. */
export const handler = async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
  const printed = await Promise.allSettled(Records.map(({ body }) => printInvoice(JSON.parse(body) as Order)))
  const failed = Records.filter((_, n) => printed[n]!.status === 'rejected')
  return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
}
