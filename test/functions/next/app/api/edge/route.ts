import { work } from '../../../lib/work'

export const runtime = 'edge'

export async function GET(request: Request) {
  return Response.json({ edge: await work('at the edge', new URL(request.url).searchParams.get('name')) })
}
