/** As much of workerd's module as the test's Workers use. */
declare module 'cloudflare:workers' {
  export class DurableObject {
    protected readonly ctx: { waitUntil(work: Promise<unknown>): void }
  }
  export class WorkerEntrypoint {
    protected readonly ctx: { waitUntil(work: Promise<unknown>): void }
  }
  export function waitUntil(work: Promise<unknown>): void
}
