/** The packages that installers stand in for: what is in them is the user's business. */
declare module '@google-cloud/functions-framework' {
  export function http(name: string, handler: unknown): void
  export function cloudEvent(name: string, handler: unknown): void
}
declare module 'firebase-functions'
declare module 'firebase-functions/*'
declare module '@azure/functions' {
  interface PreInvocationContext {
    functionHandler: (...args: unknown[]) => unknown
    readonly invocationContext: { readonly functionName: string }
  }
  export const app: {
    readonly hook: {
      preInvocation(callback: (context: PreInvocationContext) => void): unknown
      appTerminate(callback: () => Promise<void>): unknown
    }
  }
}
