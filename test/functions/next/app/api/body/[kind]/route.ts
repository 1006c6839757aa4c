import { work } from '../../../../lib/work'

export const dynamic = 'force-dynamic'

const kinds: Record<string, (n: number, controller: ReadableStreamDefaultController) => void> = {
  text: (n, controller) => (n < 3 ? controller.enqueue(`t${n} `) : controller.close()),
  bytes: (n, controller) => (n < 3 ? controller.enqueue(new TextEncoder().encode(`t${n} `)) : controller.close()),
  empty: (_, controller) => controller.close(),
  endless: (_, controller) => controller.enqueue(new Uint8Array(1024)),
  big: (n, controller) => (n < 160 ? controller.enqueue(new Uint8Array(65_536)) : controller.close()),
  breaks(n, controller) {
    if (n === 2) throw new RangeError('the tide is out')
    controller.enqueue(new Uint8Array(8))
  },
}

export async function GET(_request: Request, { params }: { params: Promise<{ kind: string }> }) {
  const { kind } = await params
  let n = 0
  const body = new ReadableStream(
    {
      async pull(controller) {
        await work(n > 3 ? 'more' : 'chunk', undefined)
        kinds[kind]!(n++, controller)
      },
      cancel: () => work('cancelled', undefined),
    },
    { highWaterMark: 0 },
  )
  return new Response(kind === 'text' ? body.pipeThrough(new TextEncoderStream()) : body, {
    headers: { 'content-type': 'text/plain' },
  })
}
