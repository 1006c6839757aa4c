/** Flushes that are taken out with what is there for their sake: before and after. */
import { expect, test } from 'vitest'
import { HEAD, migrate } from './migrate-one.ts'

test.each<[string, string, string]>([
  [
    'a flush before the answer',
    `export async function handler() {
  const answer = await work()

  await provider.forceFlush()

  return answer
}
`,
    `export async function handler() {
  const answer = await work()

  return answer
}
`,
  ],
  [
    'a flush on a line with its comment',
    `export async function handler() {
  // answers
  await provider.forceFlush() // or it is lost
  return 1
}
`,
    `export async function handler() {
  // answers
  return 1
}
`,
  ],
  [
    'a flush among others on its line',
    `export async function handler() { work(); await provider.forceFlush(); return 1 }
`,
    `export async function handler() { work(); return 1 }
`,
  ],
  [
    'a finally with more in it',
    `export async function handler() {
  try {
    return await work()
  } finally {
    span.end()
    await provider.forceFlush()
  }
}
`,
    `export async function handler() {
  try {
    return await work()
  } finally {
    span.end()
  }
}
`,
  ],
  [
    'a finally with nothing else, after a catch',
    `export async function handler() {
  try {
    return await work()
  } catch (error) {
    log(error)
  } finally {
    await provider.forceFlush()
  }
}
`,
    `export async function handler() {
  try {
    return await work()
  } catch (error) {
    log(error)
  }
}
`,
  ],
  [
    'a try that is there for the flush',
    `export async function handler() {
  try {
    const text = \`
      as it is\`
    return await work(text)
  } finally {
    await provider.forceFlush()
  }
}
`,
    `export async function handler() {
  const text = \`
      as it is\`
  return await work(text)
}
`,
  ],
  [
    'a try around the flush',
    `export async function handler() {
  const answer = await work()
  try {
    await provider.forceFlush()
  } catch (error) {
    console.error(error)
  }
  return answer
}
`,
    `export async function handler() {
  const answer = await work()
  return answer
}
`,
  ],
  [
    'a condition that is there for the flush',
    `export async function handler() {
  if (provider && process.env.STAGE !== "dev") {
    await provider.forceFlush()
  }
  if (provider) await provider.forceFlush()
  return work()
}
`,
    `export async function handler() {
  return work()
}
`,
  ],
  [
    'a case',
    `export async function handler(event) {
  switch (event) {
    case 1:
      await provider.forceFlush()
      break
  }
  return 1
}
`,
    `export async function handler(event) {
  switch (event) {
    case 1:
      break
  }
  return 1
}
`,
  ],
  [
    'lines that would be one without it',
    `export async function handler() {
  const list = work()
  await provider.forceFlush();
  [1].map(work)
  return list
}
`,
    `export async function handler() {
  const list = work()
  ;
  [1].map(work)
  return list
}
`,
  ],
  [
    'a Worker',
    `export default {
  async fetch(request, env, ctx) {
    const response = await work(request)
    ctx.waitUntil(provider.forceFlush())
    return response
  },
}
`,
    `export default {
  async fetch(request, env, ctx) {
    const response = await work(request)
    return response
  },
}
`,
  ],
  [
    'what a function returns that wraps handlers',
    `export const traced = (handler) => async (event) => {
  try {
    return await handler(event)
  } finally {
    await provider.forceFlush().catch(() => {})
  }
}
`,
    `export const traced = (handler) => async (event) => {
  return await handler(event)
}
`,
  ],
])('%s', (_, before, after) => {
  const migrated = migrate(HEAD + before)!
  expect(migrated.code).toBe(HEAD + after)
  expect(migrated.left).toEqual([])
  expect(migrate(migrated.code)).toBeUndefined()
})
