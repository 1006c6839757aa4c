/** The help of each command, in one form. */
import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { dev } from '../../src/cli/dev.ts'
import { explain } from '../../src/cli/explain.ts'
import { migrate } from '../../src/cli/migrate.ts'

type Io = Parameters<typeof dev>[1] & Parameters<typeof explain>[1] & Parameters<typeof migrate>[1]

test.each(Object.entries({ dev, explain, migrate }))('%s --help', async (name, command) => {
  let text = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const io: Io = { stdout, stderr: stdout, folder: '/', env: {}, color: false, stop: new AbortController().signal }
  await command(['--help'], io)
  expect(text).toMatch(/\n {2}-h, --help +print this\n/)
  expect(text.split('\n').filter((line) => line.length > 120)).toEqual([])
  // What may be left out is in brackets, what stands for a word in angles.
  const [usage = ''] = text.split('\n')
  expect(usage).toMatch(new RegExp(`^Usage: unplugin-otel ${name}( \\[(<\\w+> …|--\\w+( <\\w+>)?)\\])+$`))
})
