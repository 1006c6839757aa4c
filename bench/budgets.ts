/** What telemetry may cost. */
export const BUDGETS = {
  /** Over the floor, gzip. */
  bytes: { lambda: 8000, worker: 6000 },
  /** Over bare. */
  loadMs: 6,
  firstLineMs: 1.5,
  /** Ours through by hand. */
  cpu: { children: 5, payload: 0.95, exported: 1 },
  /** Warm, over bare. */
  enteredUs: 60,
  /** Of a handler file of 20 kB. */
  transformMs: 1,
}
