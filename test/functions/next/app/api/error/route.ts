export async function GET(): Promise<Response> {
  throw new TypeError('the card has expired')
}
export const dynamic = 'force-dynamic'
