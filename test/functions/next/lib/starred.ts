import { work } from './work'

export async function GET() {
  return Response.json(await work('starred', 'by a star'))
}
