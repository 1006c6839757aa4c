import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { platformIds } from '../../src/plugin/known-platforms.ts'

const namesIn = (folder: string) =>
  readdirSync(new URL(`../../${folder}`, import.meta.url)).map((file) => file.replace(/\.ts$/, ''))

test.each(['src/plugin/platforms', 'src/runtime/platforms', 'test/fixtures'])(
  '%s has one entry for each platform',
  (folder) => {
    expect(namesIn(folder).toSorted()).toEqual([...platformIds].toSorted())
  },
)
