/** A project of some files, in which the tests edit while a bundler watches it. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { repository } from '../bundlers/build.ts'

export interface WatchedProject {
  readonly folder: string
  /** All that was printed to stderr. */
  readonly printed: string[]
  write(name: string, text: string): void
  remove(name: string): void
  read(name: string): string
}

export function createProject(files: Readonly<Record<string, string>>): WatchedProject {
  const cache = path.join(repository, '.cache')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, 'watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(path.join(repository, 'node_modules'), path.join(folder, 'node_modules'))
  const at = (name: string) => path.join(folder, name)
  const project: WatchedProject = {
    folder,
    printed: [],
    write(name, text) {
      mkdirSync(path.dirname(at(name)), { recursive: true })
      const { size } = statSync(at(name), { throwIfNoEntry: false }) ?? {}
      // In one go, and nothing is cut off: nobody reads half of it.
      writeFileSync(at(name), text.padEnd(size ?? 0, '\n'), { flag: size === undefined ? 'w' : 'r+' })
    },
    remove: (name) => rmSync(at(name)),
    read: (name) => readFileSync(at(name), 'utf8'),
  }
  const manifest = '{ "type": "module", "devDependencies": { "@types/aws-lambda": "*" } }'
  for (const [name, text] of Object.entries({ 'package.json': manifest, ...files })) project.write(name, text)
  // Rollup has no root of its own.
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => project.printed.push(String(text)) > 0)
  onTestFinished(() => {
    cwd.mockRestore()
    stderr.mockRestore()
  })
  return project
}
