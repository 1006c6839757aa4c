import { NextResponse, type NextRequest } from 'next/server'

/** On the edge runtime, before the routes: the answer tells which shop it is from. */
export function middleware(_request: NextRequest) {
  return NextResponse.next({ headers: { 'x-shop': 'main street' } })
}

export const config = { matcher: '/api/orders/:path*' }
