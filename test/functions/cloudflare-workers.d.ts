/** As much of workerd's module as our Workers use; each says what it needs of `ctx` and `env`. */
declare module 'cloudflare:workers' {
  export class DurableObject {
    protected readonly ctx: unknown
  }
  export class WorkerEntrypoint {
    protected readonly ctx: unknown
  }
  export const RpcTarget: new () => object
  export const env: Readonly<Record<string, string>>
  export function waitUntil(work: Promise<unknown>): void
}
