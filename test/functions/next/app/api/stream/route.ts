import { work } from '../../../lib/work'

export const dynamic = 'force-dynamic'

export async function GET() {
  const encoder = new TextEncoder()
  let sent = 0
  const body = new ReadableStream({
    async pull(controller) {
      await work(`chunk ${sent}`, undefined)
      controller.enqueue(encoder.encode(`data: ${sent}\n\n`))
      if (++sent === 3) controller.close()
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
}
