import type { LambdaOptions } from './lambda-options.ts'

const FUNCTION_NAME = 'harness'
const FUNCTION_VERSION = '$LATEST'
export const FUNCTION_ARN = `arn:aws:lambda:eu-central-1:123456789012:function:${FUNCTION_NAME}`

/**
 * What a nodejs24 function finds in `process.env`. Of ours only PATH and HOME: a NODE_OPTIONS or OTEL_ variable of
 * the machine must not decide a test.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function functionEnv(options: LambdaOptions, runtimeApi: string): Record<string, string> {
  return defined({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: options.handler,
    LAMBDA_TASK_ROOT: options.taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    AWS_REGION: 'eu-central-1',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: FUNCTION_NAME,
    AWS_LAMBDA_FUNCTION_VERSION: FUNCTION_VERSION,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(options.memoryMb ?? 512),
    AWS_LAMBDA_INITIALIZATION_TYPE: options.initializationType ?? 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${FUNCTION_NAME}`,
    AWS_LAMBDA_LOG_STREAM_NAME: '2026/11/20/[$LATEST]0123456789abcdef0123456789abcdef',
    ...options.env,
  })
}

/** What an extension is told about the function when it registers. */
export function functionIdentity({ handler }: LambdaOptions) {
  return { functionName: FUNCTION_NAME, functionVersion: FUNCTION_VERSION, handler }
}

function defined(variables: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
