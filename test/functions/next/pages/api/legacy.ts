import type { NextApiRequest, NextApiResponse } from 'next'
import { work } from '../../lib/work'

export const config = { api: { bodyParser: { sizeLimit: '1mb' } } }

export default async function handler(request: NextApiRequest, response: NextApiResponse) {
  response.status(200).json({ legacy: await work('legacy', request.query['name']) })
}
