/** The packages that installers stand in for: what is in them is the user's business. */
declare module '@google-cloud/functions-framework' {
  export function http(name: string, handler: unknown): void
  export function cloudEvent(name: string, handler: unknown): void
}
declare module 'firebase-functions'
declare module 'firebase-functions/*'
