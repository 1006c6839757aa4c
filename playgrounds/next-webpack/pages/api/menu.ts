import type { NextApiRequest, NextApiResponse } from 'next'
import { inSpan } from '../../lib/in-span'

export default async function handler(_request: NextApiRequest, response: NextApiResponse) {
  const items = await inSpan('read menu', async () => ['espresso', 'croissant'])
  response.status(200).json({ items })
}
