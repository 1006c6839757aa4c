import { inSpan } from '../../../lib/in-span'

export const runtime = 'edge'

export async function GET(request: Request) {
  const from = new URL(request.url).searchParams.get('from')
  return Response.json({ nearest: await inSpan('find nearest', async () => `${from}, main street`) })
}
