import { work } from '../../../../../lib/work'

const show = async (_request: Request, { params }: { params: Promise<{ id: string }> }) => {
  const { id } = await params
  return Response.json({ id: await work('find', id) })
}
export { show as GET, show as DELETE }
