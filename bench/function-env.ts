/** What a function finds in `process.env`, without AWS_LAMBDA_RUNTIME_API: no runtime client, no registration. */
export function functionEnv(endpoint: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    TZ: ':UTC',
    AWS_REGION: 'eu-central-1',
    AWS_LAMBDA_FUNCTION_NAME: 'shop',
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  }
}
