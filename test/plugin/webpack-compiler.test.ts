/** What the configuration of webpack and Rspack says. */
import { expect, test } from 'vitest'
import { readEntries } from '../../src/plugin/webpack-compiler.ts'

test.each<[title: string, entry: unknown, expected: string[]]>([
  ['a path', './src/app.js', ['./src/app.js']],
  ['a list', ['./a.js', './b.js'], ['./a.js', './b.js']],
  ['names', { main: './a.js', other: ['./b.js'] }, ['./a.js', './b.js']],
  ['as webpack makes it', { main: { import: ['./a.js'], filename: 'x.js', dependOn: 'b' } }, ['./a.js']],
  ['a query', './src/app.js?q=1', ['./src/app.js']],
  ['a query with slashes and another mark', './src/app.js?from=a/b?c', ['./src/app.js']],
  ['a fragment', './src/app.js#frag', ['./src/app.js']],
  ['both', { main: { import: ['./src/app.js?q=1#frag'] } }, ['./src/app.js']],
  ['a folder that looks like one', './c#/app.js', ['./c#/app.js']],
  ['a function', () => './src/app.js', []],
  ['nothing', undefined, []],
])('entries: %s', (_title, entry, expected) => expect(readEntries(entry)).toEqual(expected))
