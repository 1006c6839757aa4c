export { handler as place } from '../../../functions/work.ts'
