import { inSpan } from '../../../../lib/in-span'

export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }) {
  const { id } = await params
  return Response.json(await inSpan('read order', async () => ({ id, state: 'baking' })))
}
