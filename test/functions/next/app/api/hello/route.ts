import type { NextRequest } from 'next/server'
import { work } from '../../../lib/work'

export const maxDuration = 42

export async function GET(request: NextRequest) {
  const name = await work('greet', request.nextUrl.searchParams.get('name'))
  return Response.json({ hello: name })
}

export const POST = async (request: NextRequest): Promise<Response> =>
  Response.json(await work('save', await request.json()), { status: 201 })

export { POST as PUT }
