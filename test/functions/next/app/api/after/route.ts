import { after } from 'next/server'
import { work } from '../../../lib/work'

export async function POST() {
  after(async () => {
    await work('after the response', undefined, 60)
    after(() => work('nested', undefined, 60))
    await work('after it', undefined, 60)
  })
  return new Response('accepted', { status: 202 })
}
