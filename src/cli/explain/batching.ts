/** When spans are exported, in words and numbers. The numbers are those of `runtime/config.ts`. */
import type { Options } from '../../plugin/index.ts'
import type { BatchingReport } from '../../plugin/explain-report.ts'
import { resolveRuntime } from '../../plugin/runtime-options.ts'

const DEFAULTS = { maxExportBatchSize: 512, interimMs: 1000 }

/** @param host of the function: servers collect spans of several requests */
export function explainBatching(options: Options, host: string): BatchingReport {
  const { batch, flush } = resolveRuntime(options)
  const { maxExportBatchSize, interimMs, exportAt } = { exportAt: undefined, ...DEFAULTS, ...batch }
  const early = exportAt === undefined ? '' : `, or as soon as ${exportAt} have ended`
  const perInvocation =
    `one request when the invocation ends, of up to ${maxExportBatchSize} spans; ` +
    `while it runs, what has ended goes out every ${interimMs} ms${early}`
  const inBatches = `in batches, every ${interimMs} ms or ${exportAt ?? maxExportBatchSize} spans`
  const isInterval = flush?.mode === 'interval'
  const means =
    exportAt === 1
      ? 'every span in a request of its own, as it ends'
      : host === 'server'
        ? inBatches
        : host !== 'next-server'
          ? `${perInvocation}${isInterval ? '; nobody waits' : ''}`
          : isInterval
            ? inBatches
            : `under \`next start\` ${inBatches}; elsewhere ${perInvocation}`
  return {
    option: options.batching ?? 'auto',
    means,
    maxExportBatchSize,
    scheduledDelayMillis: interimMs,
    exportAt: exportAt ?? null,
  }
}
