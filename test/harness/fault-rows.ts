/** Every row of the table of faults. `test/faults.test.ts` runs them, `npm run table:faults` prints it. */
import { connections } from '../faults/connections.ts'
import type { FaultRow } from '../faults/fault-row.ts'
import { recoveries } from '../faults/recoveries.ts'
import { statuses } from '../faults/statuses.ts'

export const faultRows: readonly FaultRow[] = [...recoveries, ...connections, ...statuses]
