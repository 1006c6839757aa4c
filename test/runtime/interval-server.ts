/** A server of one's own, in a process of its own: it serves once, says so, and is then told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'
import { loadRoute, request, serve } from './framework-process.ts'

const answer = loadRoute(async () => new Response(), {
  batch: { interimMs: 60_000 },
  // A thread takes its time to start where all the processors are busy.
  flush: { budgetMs: Number(process.argv[3] ?? 5000) },
})
const listen = (listener: () => void) => process.on('SIGTERM', listener)

const servers: Record<string, () => void> = {
  alone() {},
  exits: () => listen(() => process.exit(3)),
  'exits once': () => process.once('SIGTERM', () => process.exit(3)),
  'exits twice': () => {
    listen(() => {
      process.exit(3)
    })
    listen(() => process.exit(0))
  },
  'has a code': () =>
    listen(() => {
      process.exitCode = 4
      process.exit()
    }),
  drains: () =>
    listen(async () => {
      await sleep(20)
      await serve(() => answer(request()), { 'http.target': '/the/last' })
      process.exit(0)
    }),
  stays: () => listen(() => setTimeout(() => process.exit(5), 1500)),
}

// Whoever drains was there before the first request.
servers[process.argv[2]!]!()
await serve(() => answer(request()))
setInterval(() => {}, 60_000)
process.stdout.write('ready\n')
