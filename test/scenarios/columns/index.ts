/** The platforms of the table. */
import type { Column } from '../scenario.ts'
import { lambdaColumns } from './lambda.ts'
import { node } from './node.ts'
import { workers } from './workers.ts'

export const columns: readonly Column[] = [...lambdaColumns, workers, node]
