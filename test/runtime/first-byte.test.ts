/** The methods of the user's stream, until its first byte, and afterwards. */
import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, test } from 'vitest'
import { observeFirstByte } from '../../src/runtime/first-byte.ts'
import { begin, turn } from './bodies.ts'

const FIRST_BYTE = 'unplugin_otel.time_to_first_byte'

/** As the runtime client of Lambda has it: a plain object, whose methods are its own. */
function plain() {
  const calls: unknown[][] = []
  const own = {
    write(this: unknown, ...args: unknown[]) {
      calls.push([this, ...args])
      return calls.length % 2 === 0
    },
    end(this: unknown, ...args: unknown[]) {
      calls.push([this, ...args])
      return this
    },
  }
  return { stream: { ...own }, own, calls }
}

function observe(stream: object) {
  const { invocation, root } = begin()
  const restore = observeFirstByte(stream as Record<'write' | 'end', () => unknown>, ['write', 'end'], {
    ...invocation,
    began: Date.now() - 2500,
  })
  const noted = () => {
    const seconds = root.attributes[FIRST_BYTE]
    return typeof seconds === 'number' ? Math.floor(seconds) : seconds
  }
  return { noted, restore }
}

describe('on its own methods', () => {
  test('what is called, returned and given is the user’s', () => {
    const { stream, own, calls } = plain()
    const { noted } = observe(stream)
    const callback = () => {}
    const other = {}
    expect(stream.write('')).toBe(false)
    expect(Reflect.apply(stream.write, other, [new Uint8Array()])).toBe(true)
    expect(noted()).toBeUndefined()
    expect(stream.write('a', 'latin1', callback)).toBe(false)
    expect(noted()).toBe(2)
    expect(stream).toEqual(own)
    expect(Object.keys(stream).toSorted()).toEqual(['end', 'write'])
    expect(stream.write('b')).toBe(true)
    expect(stream.end(callback)).toBe(stream)
    expect(calls).toEqual([
      [stream, ''],
      [other, new Uint8Array()],
      [stream, 'a', 'latin1', callback],
      [stream, 'b'],
      [stream, callback],
    ])
  })

  test('`end` counts with a chunk and not with a callback', () => {
    const { stream, own } = plain()
    const { noted } = observe(stream)
    stream.end((error: unknown) => error)
    expect(noted()).toBeUndefined()
    stream.end(Buffer.from([0]))
    expect(noted()).toBe(2)
    expect(stream).toEqual(own)
  })

  test('what the user puts over one of them stays, and is still seen', () => {
    const { stream, own } = plain()
    const { noted } = observe(stream)
    const { write } = stream
    const theirs = (...args: unknown[]) => write.apply(stream, args)
    stream.write = theirs
    stream.write('a')
    expect(noted()).toBe(2)
    expect(stream).toEqual({ ...own, write: theirs })
  })

  test('what throws is no byte', () => {
    const { stream } = plain()
    stream.write = () => {
      throw new RangeError('after the end')
    }
    const { noted } = observe(stream)
    expect(() => stream.write('a')).toThrow(RangeError)
    expect(noted()).toBeUndefined()
  })
})

describe('on those of a class', () => {
  const isAsItWas = (stream: PassThrough) => {
    expect([stream.write === PassThrough.prototype.write, stream.end === PassThrough.prototype.end]).toEqual([
      true,
      true,
    ])
    expect([Object.hasOwn(stream, 'write'), Object.hasOwn(stream, 'end')]).toEqual([false, false])
  }

  test('nothing is left after the first chunk, also of a pipeline', async () => {
    const stream = new PassThrough()
    const { noted } = observe(stream)
    const source = Readable.from(['a', 'b', 'c'])
    await Promise.all([pipeline(source, stream), stream.toArray().then((all) => expect(all.join('')).toBe('abc'))])
    expect(noted()).toBe(2)
    isAsItWas(stream)
  })

  test('nor where there was none', async () => {
    const stream = new PassThrough()
    const { noted, restore } = observe(stream)
    stream.resume().end()
    await turn()
    restore()
    expect(noted()).toBeUndefined()
    isAsItWas(stream)
  })
})
