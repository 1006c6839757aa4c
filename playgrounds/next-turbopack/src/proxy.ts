import { NextResponse, type NextRequest } from 'next/server'

/** Runs before the routes: the answer tells which shop it is from. */
export function proxy(_request: NextRequest) {
  return NextResponse.next({ headers: { 'x-shop': 'main street' } })
}

export const config = { matcher: '/api/orders/:path*' }
