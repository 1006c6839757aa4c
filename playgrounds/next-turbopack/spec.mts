import { expect, test } from 'vitest'
import { build, startServer, toPaths, toRoutes } from '../playground.ts'

test('a shop under next start, told to stop right after its last response', async () => {
  expect(await build(import.meta.dirname)).toMatch(/wrapped {2}src\/app\/api\/orders\/\[id\]\/route\.ts:\d+:\d+ GET/)
  const { request, stop, receiver } = await startServer(import.meta.dirname)
  expect(await request('/')).toContain('<h1>Espresso 2.00, croissant 2.80</h1>')
  expect(await request('/api/quotes', '{ "items": ["espresso", "croissant"] }')).toBe('{"total":480}')
  expect(await request('/api/orders/7')).toBe('{"id":"7","state":"baking"}')
  expect(await request('/api/menu')).toBe('{"items":["espresso","croissant"]}')
  expect(await request('/api/progress')).toBe('bake\npack\n')
  expect(await stop()).not.toMatch(/unplugin-otel|deprecat/i)
  const own = ['GET /api/menu > read menu', 'GET /api/progress > bake', 'GET /api/progress > pack', 'GET > read order']
  expect(toPaths(receiver.spans, 'shop')).toEqual(['GET /', ...own, 'POST /api/quotes > add up'])
  expect(toRoutes(receiver.spans, 'next.js').join()).toBe('- /api/orders/[id],/,/api/menu,/api/progress,/api/quotes')
})
