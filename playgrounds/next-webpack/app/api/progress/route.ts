import { inSpan } from '../../../lib/in-span'

export const dynamic = 'force-dynamic'

/** Answered at once; a line for each step is written long after the handler has returned. */
export function GET() {
  const steps = ['bake', 'pack'].values()
  const body = new ReadableStream<Uint8Array>({
    async pull(lines) {
      const { value: step } = steps.next()
      if (!step) return lines.close()
      await inSpan(step, () => new Promise((resolve) => setTimeout(resolve, 20)))
      lines.enqueue(new TextEncoder().encode(`${step}\n`))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/plain' } })
}
