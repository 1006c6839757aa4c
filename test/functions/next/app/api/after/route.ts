import { after } from 'next/server'
import { work } from '../../../lib/work'

export async function POST() {
  after(() => work('after the response', undefined))
  return new Response('accepted', { status: 202 })
}
