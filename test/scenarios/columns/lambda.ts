/** AWS's own runtime clients, in an environment that is stopped after every response. */
import path from 'node:path'
import { buildFunction } from '../../deploy.ts'
import type { InvokeResult } from '../../harness/lambda-host.ts'
import { ran } from '../../ran.ts'
import { lambdaInstances } from '../../suite/lambda-instances.ts'
import type { Answer, Column, ColumnId } from '../scenario.ts'

/** The client of Node 20 and 22. Not 3.3.0, whose `callback(null, value)` sends nothing. */
const CLIENT_3 = path.resolve(
  import.meta.dirname,
  '../../projects/lambda-client-3/node_modules/aws-lambda-ric/bin/index.mjs',
)

export const lambdaColumns: readonly Column[] = [
  lambda('lambda-v4'),
  lambda('lambda-v3', CLIENT_3),
  lambda('lambda-streaming'),
]

function lambda(id: ColumnId, ric?: string): Column {
  return {
    id,
    async build({ source, format, otel, cleanUp }) {
      const build = { format, otel: otel && { platform: 'aws-lambda' as const, ...otel }, ...(cleanUp && { cleanUp }) }
      const folder = await buildFunction(source, build)
      if (otel) ran('esbuild', 'Lambda', format === 'cjs' ? 'CommonJS' : 'ESM')
      return folder
    },
    async deploy(taskRoot, { cell, receiver }) {
      const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...cell.env }
      const instances = lambdaInstances({
        taskRoot,
        handler: 'index.handler',
        env,
        ...(ric && { ric }),
        ...(cell.registration && { registration: cell.registration }),
        ...(cell.timeoutMs && { timeoutMs: cell.timeoutMs }),
        ...(cell.nodeArgs && { nodeArgs: [...cell.nodeArgs] }),
      })
      return {
        async call({ event = {} }) {
          const result = await instances.invoke(event)
          await result.finished
          return toAnswer(result)
        },
        evict: () => instances.evict(),
        output: () => instances.output(),
      }
    },
  }
}

function toAnswer({ requestId, responseMs, busyMs: afterMs, ...result }: InvokeResult): Answer {
  return { responseMs, afterMs, visible: toVisible(requestId, result as InvokeResult) }
}

function toVisible(requestId: string, { error, prelude, body, streaming }: InvokeResult): Answer['visible'] {
  const told = error && {
    error: { type: error.errorType, message: error.errorMessage.replaceAll(requestId, '<request>') },
  }
  // The document of an error has its stack, which differs by what is on it.
  if (error && (!streaming || body.includes('"errorType":'))) return { body: '', ...told }
  return { status: prelude?.statusCode, headers: prelude?.headers, body: body.toString('latin1'), ...told }
}
