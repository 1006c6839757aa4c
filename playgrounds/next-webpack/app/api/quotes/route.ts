import { inSpan } from '../../../lib/in-span'
import { addUp } from '../../../lib/prices'

export async function POST(request: Request) {
  const { items } = (await request.json()) as { items: string[] }
  return Response.json({ total: await inSpan('add up', () => addUp(items)) })
}
