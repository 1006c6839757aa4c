/** Every row of the table of scenarios, by topic. `test/scenarios.test.ts` runs them, `npm run table:scenarios` prints it. */
import { background } from '../scenarios/background.ts'
import { callbacks } from '../scenarios/callbacks.ts'
import { concurrency } from '../scenarios/concurrency.ts'
import { crashes } from '../scenarios/crashes.ts'
import { deadlines } from '../scenarios/deadlines.ts'
import { large } from '../scenarios/large.ts'
import type { Scenario } from '../scenarios/scenario.ts'
import { servers } from '../scenarios/servers.ts'
import { streams } from '../scenarios/streams.ts'
import { waysToEnd } from '../scenarios/ways-to-end.ts'

export const scenarios: readonly Scenario[] = [
  ...waysToEnd,
  ...callbacks,
  ...crashes,
  ...streams,
  ...background,
  ...deadlines,
  ...concurrency,
  ...large,
  ...servers,
]
