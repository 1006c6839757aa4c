/** Writes a file that is there already: all of it or nothing. */
import { chmodSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What a link leads to is written, and the link stays. @throws the error of the file system; the file is as it was then */
export function replaceFile(path: string, text: string): void {
  const target = realpathSync(path)
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`)
  const { mode } = statSync(target)
  try {
    writeFileSync(temporary, text, { flag: 'wx' })
    chmodSync(temporary, mode)
    renameSync(temporary, target)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
