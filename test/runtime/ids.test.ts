/** Ids: from the kernel once for several spans of an invocation, and never for the next one. */
import fs from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createIdGenerator, webCrypto } from '../../src/runtime/ids.ts'
import type { ActiveInvocation } from '../../src/runtime/invocation.ts'
import { kernel } from '../../src/runtime/random-node.ts'
import { slot } from '../../src/runtime/slot.ts'

const { generateSpanId, generateTraceId } = createIdGenerator(kernel)

/** As the SDK asks for them. */
const startRoot = () => [generateSpanId(), generateTraceId()]

function activate(): void {
  slot.active.add({} as ActiveInvocation)
}

/** Within one millisecond, unless a test says otherwise. */
beforeEach(() => void vi.spyOn(Date, 'now').mockReturnValue(1))

afterEach(() => {
  slot.active.clear()
  vi.restoreAllMocks()
})

test.each([
  ['kernel', kernel],
  ['web crypto', webCrypto],
])('%s: valid ids, all different', (_, random) => {
  const generator = createIdGenerator(random)
  activate()
  const ids = Array.from({ length: 500 }, () => [generator.generateSpanId(), generator.generateTraceId()])
  for (const [span, trace] of ids) {
    expect(span).toMatch(/^[\da-f]{16}$/)
    expect(trace).toMatch(/^[\da-f]{32}$/)
  }
  expect(new Set(ids.flat()).size).toBe(1000)
})

test('an invocation draws once for its root and its first children', () => {
  const open = vi.spyOn(fs, 'openSync')
  startRoot()
  activate()
  for (let child = 0; child < 13; child++) generateSpanId()
  expect(open).toHaveBeenCalledTimes(1)
  generateSpanId()
  expect(open).toHaveBeenCalledTimes(2)
})

test('nothing that was drawn before is used by the next invocation, nor outside of one', () => {
  const bytes: number[] = []
  // A clone of a snapshot has what was drawn before it; what it draws itself is different.
  let clone = 0
  vi.spyOn(fs, 'readSync').mockImplementation(((_file: number, buffer: Uint8Array) => {
    bytes.push(clone)
    buffer.fill(++clone)
    return buffer.length
  }) as never)
  const first = startRoot()
  activate()
  slot.active.clear()
  const second = startRoot()
  expect(second).not.toEqual(first)
  expect(generateSpanId()).not.toBe(generateSpanId())
  expect(bytes).toHaveLength(4)
})

test('nor a millisecond later: an invocation that never ended may be in the snapshot', () => {
  const read = vi.spyOn(fs, 'readSync')
  startRoot()
  activate()
  generateSpanId()
  expect(read).toHaveBeenCalledTimes(1)
  vi.mocked(Date.now).mockReturnValue(2)
  generateSpanId()
  expect(read).toHaveBeenCalledTimes(2)
})

test('whoever traces fs may ask for ids meanwhile', () => {
  const { openSync } = fs
  const asked: string[] = []
  vi.spyOn(fs, 'openSync').mockImplementation(((path: string) => {
    asked.push(generateSpanId())
    return openSync(path, 'r')
  }) as never)
  expect(generateSpanId()).toMatch(/^[\da-f]{16}$/)
  expect(asked).toEqual([expect.stringMatching(/^[\da-f]{16}$/)])
})

test('without the device, web crypto', () => {
  vi.spyOn(fs, 'openSync').mockImplementation(() => {
    throw new Error('ENOENT')
  })
  expect(startRoot()).toEqual([expect.stringMatching(/^[\da-f]{16}$/), expect.stringMatching(/^[\da-f]{32}$/)])
})

test('zeros are no id', () => {
  const generator = createIdGenerator((bytes) => '00'.repeat(bytes))
  expect([generator.generateSpanId(), generator.generateTraceId()]).toEqual([
    `1${'0'.repeat(15)}`,
    `1${'0'.repeat(31)}`,
  ])
})
