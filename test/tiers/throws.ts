/** A throw in a handler of every shape, each of which says `new Error('here')` once. */

import { fixturePath } from '../plugin/facts.ts'
import type { TierPlatform } from './project.ts'

/** No fixtures: what the build makes of the shapes, those show. */
export const throwing: Readonly<Record<TierPlatform, Readonly<Record<string, string>>>> = {
  'aws-lambda': {
    'throws-const.ts': `
const table: string = 'orders'
export const handler = async (_event: unknown): Promise<void> => { throw new Error('here') }
export { table }`,
    'throws-same-line.ts': `export const limit = 1; export const handler = () => { void limit; throw new Error('here') }`,
    'throws-declaration.ts': `
export function handler(event: string): void
export function handler(event: object): void
/** Between. */
export function handler(_event: unknown): void {
  throw new Error('here')
}`,
    'throws-default-function.ts': `export default async function main(): Promise<never> { throw new Error('here') }
export const name = main.name`,
    'throws-default-anonymous.ts': `
export default function () { throw new Error('here') }`,
    'throws-default-arrow.ts': `
export default async () => { throw new Error('here') }`,
    'throws-default-call.ts': `
import middy from '@middy/core'
export default middy(async () => {
  throw new Error('here')
})`,
    'throws-specifier.ts': `
async function run() { throw new Error('here') }
export { run as handler, run as "my handler" }`,
    'throws-destructured.ts': `
export const { handler, limit = 1 } = { limit: 2, handler: async () => { throw new Error('here') } }`,
    'throws-re-export.ts': `export { handler } from './throws-const.ts'
export { default } from './throws-default-arrow.ts'`,
    'throws-awaited.ts': `
type Event = { readonly id: string }
const load = async (_id: string) => {
  await null
  throw new Error('here')
}

export const handler = async (event?: Event) => {
  const order = await load(event?.id as string)
  return order
}`,
    'throws-crlf.ts': `'use strict'\r\n\r\nexport const handler = async () => {\r\n  throw new Error('here')\r\n}\r\n`,
    'throws-byte-order-mark.ts': `\uFEFFexport const handler = async () => { throw new Error('here') }`,
    'throws-shebang.mjs': `#!/usr/bin/env node
'use strict'
export const handler = async () => { throw new Error('here') }`,
    'throws-jsx.tsx': `
const Name = ({ name }: { name: string }) => <b>{name}</b>
export const handler = async () => { throw Object.assign(new Error('here'), { page: <Name name="you" /> }) }`,
    'cjs-throws.js': `exports.limit = 1; exports.handler = async () => { throw new Error('here') }`,
    'cjs-throws-function.cjs': `
module.exports = function () { throw new Error('here') }`,
    'cjs-throws-shebang.js': `#!/usr/bin/env node
'use strict'
module.exports = {
  handler() {
    throw new Error('here')
  },
}`,
  },
  cloudflare: {
    'throws-object.ts': `
export default {
  async fetch() { throw new Error('here') },
} satisfies object`,
    'throws-class.ts': `
import { WorkerEntrypoint } from 'cloudflare:workers'
abstract class Base extends WorkerEntrypoint {}
export class Admin extends Base {
  constructor(ctx: object, private readonly env: object) { super(ctx, env) }
  async increment(by?: number) { throw new Error('here') }
}`,
    'throws-default-class.ts': `
import { WorkerEntrypoint } from 'cloudflare:workers'
export default class extends WorkerEntrypoint { async fetch(): Promise<Response> { throw new Error('here') } }`,
  },
  netlify: {
    'throws-inside.ts': `export default {
  fetch(request: Request) {
    // Wrapped where it stands.
    throw new Error('here')
  },
}`,
  },
  nextjs: {
    'route-throws.ts': `
export const dynamic = 'force-dynamic'
export async function GET(_request: Request): Promise<Response> { throw new Error('here') }`,
    'api-throws.ts': `
export default function handler() { throw new Error('here') }`,
  },
}

/** File → where it throws, as stacks have it: 1-based. */
export function findThrows(platform: TierPlatform): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [file, code] of Object.entries(throwing[platform])) {
    const before = code.split("new Error('here')")
    if (before.length === 1) continue
    const lines = before[0]!.split('\n')
    // Whether a byte order mark is a column, bundlers do not agree.
    const column = code.startsWith('\uFEFF') ? '' : lines.at(-1)!.length + 1
    found[file] = `${fixturePath(platform, file)}:${lines.length}:${column}`
  }
  return found
}
