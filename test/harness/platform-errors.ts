import type { InvokeError } from './invocation.ts'

/** Errors that the platform answers for a function that cannot. */
export const INIT_TIMED_OUT: InvokeError = {
  errorType: 'Sandbox.Timedout',
  errorMessage: 'init did not end in time',
}

export const STOPPED: InvokeError = {
  errorType: 'Sandbox.Stopped',
  errorMessage: 'the host was stopped',
}

export function invokeTimedOut(requestId: string, timeoutMs: number): InvokeError {
  const seconds = (timeoutMs / 1000).toFixed(2)
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `${requestId} Task timed out after ${seconds} seconds`,
  }
}

export function runtimeExited(code: number | null, signal: NodeJS.Signals | null): InvokeError {
  const how = signal ? `signal: ${signal}` : `exit status ${code}`
  return { errorType: 'Runtime.ExitError', errorMessage: `Runtime exited with error: ${how}` }
}

export function extensionExited(name: string): InvokeError {
  return { errorType: 'Extension.Crash', errorMessage: `extension ${name} exited` }
}
