export { handler } from '../../../functions/work.ts'
