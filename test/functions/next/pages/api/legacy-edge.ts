import { work } from '../../lib/work'

export const config = { runtime: 'edge' }

export default async (request: Request) =>
  Response.json({ legacy: await work('legacy at the edge', new URL(request.url).searchParams.get('name')) })
