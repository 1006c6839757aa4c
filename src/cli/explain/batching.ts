/** When spans are exported, in words and numbers. The numbers are those of `runtime/config.ts`. */
import type { Options } from '../../plugin/index.ts'
import type { BatchingReport } from '../../plugin/explain-report.ts'
import { resolveRuntime } from '../../plugin/runtime-options.ts'

const DEFAULTS = { maxExportBatchSize: 512, maxQueueSize: 2048, interimMs: 1000 }

/** @param host of the function: servers collect spans of several requests */
export function explainBatching(options: Options, host: string): BatchingReport {
  const { batch, flush } = resolveRuntime(options)
  const { maxExportBatchSize, maxQueueSize, interimMs, exportAt } = { exportAt: undefined, ...DEFAULTS, ...batch }
  return {
    option: options.batching ?? 'auto',
    means: explain(host, flush?.mode === 'interval', maxExportBatchSize, interimMs, exportAt),
    maxExportBatchSize,
    maxQueueSize,
    scheduledDelayMillis: interimMs,
    exportAt: exportAt ?? null,
  }
}

function explain(host: string, isInterval: boolean, size: number, everyMs: number, exportAt?: number): string {
  if (exportAt === 1) return 'every span in a request of its own, as it ends'
  const inBatches = `in batches, every ${everyMs} ms or ${exportAt ?? size} spans`
  const early = exportAt === undefined ? '' : `, or as soon as ${exportAt} have ended`
  const perInvocation =
    `one request when the invocation ends, of up to ${size} spans; ` +
    `while it runs, what has ended goes out every ${everyMs} ms${early}`
  if (host === 'server') return inBatches
  if (host !== 'next-server') return isInterval ? `${perInvocation}; nobody waits` : perInvocation
  return isInterval ? inBatches : `under \`next start\` ${inBatches}; elsewhere ${perInvocation}`
}
